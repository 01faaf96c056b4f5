import { defineConfig } from 'tsup';
import { ownExports } from '../../scripts/own-exports.mjs';

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  clean: true,
  sourcemap: true,
  plugins: [ownExports],
});
