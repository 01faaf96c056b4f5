import { defineConfig } from 'tsup';
import { bundledTypes } from './bundle/packages.mjs';

const entry = ['src/index.ts', 'src/register.ts', 'src/testing.ts'];

export default defineConfig([
  // TypeScript becomes JavaScript here; bundle/bundle.mjs makes the files that are published of it.
  {
    entry: [...entry, 'src/cli.ts', 'src/doctor-probe.ts'],
    outDir: 'compiled',
    format: 'esm',
    target: 'node20',
    splitting: true,
    skipNodeModulesBundle: true,
    sourcemap: true,
    clean: true,
  },
  // Types of packages that are bundled are bundled too: users do not have these packages.
  { entry, outDir: 'dist', format: ['esm', 'cjs'], dts: { only: true, resolve: bundledTypes } },
]);
