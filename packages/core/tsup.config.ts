import { defineConfig, type Options } from 'tsup';

const entries = ['src/index.ts', 'src/register.ts', 'src/testing.ts'];
const common: Options = {
  entry: entries,
  target: 'node20',
  sourcemap: true,
};

export default defineConfig([
  // One copy of the code, however many entries load it.
  // The command `throughline` loads each of its commands from a chunk of its own; nobody imports it.
  {
    ...common,
    entry: [...entries, 'src/cli.ts'],
    format: 'esm',
    splitting: true,
    dts: { entry: entries },
  },
  // tsup splits CommonJS by a second compiler, which turns every `?.` and `??` into function calls; each entry
  // has a copy of its own instead. State is the process's, not the copy's.
  { ...common, format: 'cjs', splitting: false, dts: true },
  // Preloaded into services that `throughline doctor` starts, by the command's own path to it.
  { ...common, entry: ['src/doctor-probe.ts'], format: 'cjs' },
]);
