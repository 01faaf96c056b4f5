import { defineConfig } from 'tsup';
import { bundledTypes } from './bundle/packages.mjs';

// Types of packages that are bundled are bundled too: users do not have these packages.
export default defineConfig({
  entry: ['src/index.ts', 'src/register.ts', 'src/testing.ts'],
  outDir: 'dist',
  format: ['esm', 'cjs'],
  dts: { only: true, resolve: bundledTypes },
});
