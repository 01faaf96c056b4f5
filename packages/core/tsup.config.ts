import { defineConfig, type Options } from 'tsup';

const entries = ['index', 'plugin', 'register', 'testing', 'diagnosis'].map((name) => `src/${name}.ts`);
const common: Options = {
  entry: entries,
  target: 'node20',
  sourcemap: true,
};

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * What only a diagnosis needs is a file of its own in CommonJS too. Inside, it would turn every module that it shares
 * with the rest into one that is evaluated on demand.
 */
const diagnosisApart: EsbuildPlugin = {
  name: 'diagnosis-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/diagnose\.js$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './diagnose.cjs', external: true } : undefined,
    );
  },
};

export default defineConfig([
  // One copy of the code, however many entries load it.
  { ...common, format: 'esm', splitting: true, dts: true },
  // tsup splits CommonJS by a second compiler, which turns every `?.` and `??` into function calls; each entry
  // has a copy of its own instead. State is the process's, not the copy's.
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      diagnosis: 'src/diagnosis.ts',
      plugin: 'src/plugin.ts',
      testing: 'src/testing.ts',
      'observe-process': 'src/register/observe-process.ts',
    },
    format: 'cjs',
    splitting: false,
    dts: { entry: ['src/index.ts', 'src/diagnosis.ts', 'src/plugin.ts', 'src/testing.ts'] },
    esbuildPlugins: [diagnosisApart],
  },
  // Preloaded into npm and its like too: it has no more in it than tells them from services.
  { ...common, entry: { register: 'src/register-require.ts' }, format: 'cjs', dts: true },
  { ...common, entry: ['src/diagnosis/diagnose.ts'], format: 'cjs' },
]);
