import { defineConfig, type Options } from 'tsup';

const common: Options = {
  entry: ['src/index.ts', 'src/register.ts', 'src/testing.ts'],
  target: 'node20',
  sourcemap: true,
};

export default defineConfig([
  // One copy of the code, however many entries load it.
  { ...common, format: 'esm', splitting: true, dts: true },
  // tsup splits CommonJS by a second compiler, which turns every `?.` and `??` into function calls; each entry
  // has a copy of its own instead. State is the process's, not the copy's.
  { ...common, format: 'cjs', splitting: false, dts: true },
]);
