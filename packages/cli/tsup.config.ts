import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

/*
 * The command must run in a folder that has nothing installed. All of its dependencies are therefore
 * devDependencies, which tsup copies into the files, with the part of core that `@throughline/core/internal` names.
 */
const common: Options = {
  target: 'node20',
  // A source map of the parser would be half of the package.
  sourcemap: false,
};

// TypeScript 7 has written the declarations of the sources; tsup would need several times as long for that.
const types = { entry: { index: 'compiled/packages/cli/src/index.d.ts' } };

export default defineConfig([
  // What a program imports.
  { ...common, entry: ['src/index.ts'], format: ['esm', 'cjs'], splitting: false, dts: types },
  // Each command is a separate file, loaded when it is called.
  {
    ...common,
    entry: ['src/main.ts'],
    format: 'esm',
    splitting: true,
    esbuildOptions(options) {
      // Its files for Node are CommonJS and require `process`, which an ES module cannot do.
      options.alias = { yaml: fileURLToPath(new URL('node_modules/yaml/browser/index.js', import.meta.url)) };
    },
  },
  // Preloaded into services that `throughline doctor` starts.
  { ...common, entry: ['src/doctor/probe.ts'], format: 'cjs' },
  // What `throughline dev` serves to browsers.
  {
    entry: { page: 'page/main.tsx', style: 'page/style.css' },
    outDir: 'dist/page',
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    minify: true,
    noExternal: [/.*/],
    publicDir: 'page/public',
    tsconfig: 'page/tsconfig.json',
  },
]);
