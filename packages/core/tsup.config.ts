import { defineConfig } from 'tsup';
import { publicEntries } from './bundle/packages.mjs';

// TypeScript becomes JavaScript here; bundle/bundle.mjs makes the published files of it.
export default defineConfig({
  entry: [...publicEntries, 'register-require', 'register/observe-process'].map((name) => `src/${name}.ts`),
  outDir: 'compiled',
  format: 'esm',
  target: 'node20',
  splitting: true,
  skipNodeModulesBundle: true,
  sourcemap: true,
  clean: true,
});
