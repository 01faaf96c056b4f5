import { defineConfig } from 'tsup';
import { ownExports } from '../../scripts/own-exports.mjs';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  // scripts/build-plugin.mjs has written it.
  dts: { entry: { index: 'compiled/index.d.ts' } },
  clean: true,
  sourcemap: true,
  plugins: [ownExports],
});
