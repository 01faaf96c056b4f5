import { defineConfig } from 'tsup';
import { commandEntries, publicEntries } from './bundle/packages.mjs';

// TypeScript becomes JavaScript here; bundle/bundle.mjs makes the published files of it.
export default defineConfig({
  entry: [...publicEntries, ...commandEntries].map((name) => `src/${name}.ts`),
  outDir: 'compiled',
  format: 'esm',
  target: 'node20',
  splitting: true,
  skipNodeModulesBundle: true,
  sourcemap: true,
  clean: true,
});
