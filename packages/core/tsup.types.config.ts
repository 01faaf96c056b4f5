import { defineConfig } from 'tsup';
import { bundledTypes, publicEntries } from './bundle/packages.mjs';

// Types of packages that are bundled are bundled too: users do not have these packages.
export default defineConfig({
  entry: publicEntries.map((name) => `src/${name}.ts`),
  outDir: 'dist',
  format: ['esm', 'cjs'],
  dts: { only: true, resolve: bundledTypes },
});
