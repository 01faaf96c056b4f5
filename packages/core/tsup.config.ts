import { defineConfig } from 'tsup';

// TypeScript becomes JavaScript here; bundle/bundle.mjs makes the published files of it.
export default defineConfig({
  entry: ['src/index.ts', 'src/register.ts', 'src/testing.ts', 'src/cli.ts', 'src/doctor-probe.ts'],
  outDir: 'compiled',
  format: 'esm',
  target: 'node20',
  splitting: true,
  skipNodeModulesBundle: true,
  sourcemap: true,
  clean: true,
});
