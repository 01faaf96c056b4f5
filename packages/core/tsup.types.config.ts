import { defineConfig } from 'tsup';
import { bundledTypes, publicEntries } from './bundle/packages.mjs';

// TypeScript 7 has written the declaration of each source; tsup would need ten times as long for that. Types of packages
// that are bundled are bundled too: users do not have these packages.
export default defineConfig({
  entry: Object.fromEntries(publicEntries.map((name) => [name, `compiled/${name}.d.ts`])),
  outDir: 'dist',
  format: ['esm', 'cjs'],
  dts: { only: true, resolve: bundledTypes },
});
