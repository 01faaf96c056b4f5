/*
 * Makes the published files from what tsup has compiled. Packages that are not dependencies are bundled and tree-shaken.
 * Everything that start-up needs is in one file; what is loaded on use is in separate files. ES modules
 * and CommonJS are cut alike, so that in each there is one copy of the code, however many entries load it.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { bundledPackages, writeLicences } from './licences.mjs';
import { isShared, publicEntries } from './packages.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const entries = Object.fromEntries(publicEntries.map((name) => [name, name]));
const modules = [
  ...(await write('es', 'js', entries)),
  ...(await write('cjs', 'cjs', {
    ...entries,
    register: 'register-require',
    'observe-process': 'register/observe-process',
  })),
];
writeLicences(path('../THIRD-PARTY-LICENSES.md'), bundledPackages(modules));
rmSync(path('../compiled'), { recursive: true, force: true });

/** @returns the ids of all modules of which something is in the files */
async function write(format, extension, files) {
  const bundle = await rollup({
    input: Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, path(`../compiled/${file}.js`)]),
    ),
    // The API is external too, for bundle/api.mjs; the rest of core's files goes through that.
    external: (specifier, importer) =>
      isBuiltin(specifier) ||
      (isShared(specifier) && (specifier !== '@opentelemetry/api' || importer === path('api.mjs'))),
    plugins: [
      sourceMaps(),
      apiOfAnyAge(),
      withoutModuleHooks(),
      conventionsInUse(),
      nodeResolve({
        preferBuiltins: true,
        exportConditions: ['node', 'module', 'import'],
        mainFields: ['module', 'main'],
      }),
      commonjs({ strictRequires: 'auto', esmExternals: true }),
      withoutComments(),
    ],
    onwarn: failOnWarning,
  });
  const evaluatedBy = (file) => evaluatedModules(bundle.cache.modules, path(`../compiled/${file}.js`));
  const atStart = evaluatedBy('index');
  // npm and its like load this file too, and are to load no more.
  const inPreload = evaluatedBy(files.register);
  // What loads a shared file must not run an entry.
  inPreload.delete(path(`../compiled/${files.register}.js`));
  const { output } = await bundle.write({
    dir: path('../dist'),
    format,
    interop: 'auto',
    exports: 'named',
    dynamicImportInCjs: false,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
    onlyExplicitManualChunks: true,
    manualChunks: (id) => (inPreload.has(id) ? 'preload' : atStart.has(id) ? 'start' : undefined),
    hoistTransitiveImports: false,
    sourcemap: true,
    // Sources are not published; frames of a stack still name file and line.
    sourcemapExcludeSources: true,
  });
  await bundle.close();
  return output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
}

function failOnWarning(warning) {
  // The entry for authors of plugins has types only.
  if (warning.code === 'EMPTY_BUNDLE') return;
  const isTheirs = warning.ids?.every((id) => id.includes('node_modules'));
  if (warning.code === 'CIRCULAR_DEPENDENCY' && isTheirs) return;
  if (warning.code === 'THIS_IS_UNDEFINED' && warning.id?.includes('node_modules')) return;
  throw new Error(warning.message);
}

/** The modules that loading an entry evaluates: what static imports lead to. */
function evaluatedModules(modules, entry) {
  const graph = new Map(modules.map(({ id, dependencies }) => [id, dependencies]));
  const found = new Set();
  const visit = (id) => {
    if (found.has(id) || !graph.has(id)) return;
    found.add(id);
    graph.get(id).forEach(visit);
  };
  visit(entry);
  return found;
}

/** Continues the source maps of tsup. */
function sourceMaps() {
  return {
    name: 'source-maps',
    load(id) {
      if (!id.startsWith(path('../compiled/')) || !id.endsWith('.js')) return null;
      return {
        code: readFileSync(id, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'),
        map: JSON.parse(readFileSync(`${id}.map`, 'utf8')),
      };
    },
  };
}

/** Names that an old API does not have are looked up in a way that does not throw. */
function apiOfAnyAge() {
  const file = path('api.mjs');
  return {
    name: 'api-of-any-age',
    resolveId: (specifier, importer) =>
      specifier === '@opentelemetry/api' && importer !== file ? file : null,
  };
}

/**
 * Instrumentations are applied by core itself, which sees modules that are loaded already as well. The stock base class
 * would also hook into every `require` and `import` of the service.
 */
function withoutModuleHooks() {
  const names = ['require-in-the-middle', 'import-in-the-middle'];
  return {
    name: 'without-module-hooks',
    resolveId: (specifier) => (names.includes(specifier) ? path('no-module-hooks.mjs') : null),
  };
}

/**
 * Two instrumentations are published as CommonJS only, of which a bundler cannot tell which of the 2,000 names of the
 * semantic conventions they use.
 */
function conventionsInUse() {
  const name = '@opentelemetry/semantic-conventions';
  const sources = new Map();
  return {
    name: 'conventions-in-use',
    resolveId(specifier, importer, options) {
      if (specifier !== name || !options.custom?.['node-resolve']?.isRequire) return null;
      const used = readFileSync(importer, 'utf8').match(/(?<=\bsemantic_conventions_1\.)\w+/g) ?? [];
      const esModule = createRequire(importer)
        .resolve(name)
        .replace(/\.cjs$/, '.mjs');
      const id = `\0conventions:${importer}`;
      sources.set(id, `export { ${[...new Set(used)].join()} } from ${JSON.stringify(esModule)};`);
      return id;
    },
    load: (id) => sources.get(id) ?? null,
  };
}

/** Comments are for those who read the sources, which are not in the package. */
function withoutComments() {
  return {
    name: 'without-comments',
    // An ES module of the service (src/patching/es-modules.ts) can only be had by `import()`: what `require` gives, a
    // loader such as tsx has made of it.
    renderDynamicImport: ({ targetModuleId }) =>
      targetModuleId === null ? { left: 'import(', right: ')' } : null,
    async renderChunk(code, chunk, { format }) {
      const { code: bare, map } = await transform(code, {
        target: 'node20',
        format: format === 'es' ? 'esm' : 'cjs',
        legalComments: 'none',
        sourcemap: true,
        sourcesContent: false,
        sourcefile: chunk.fileName,
      });
      return { code: inAscii(bare), map };
    },
  };
}

/**
 * V8 keeps the source of a file for as long as there is a function of it, with two bytes for each character if one of
 * them needs two. esbuild writes all others as `\u1234`, but leaves regular expressions and what `String.raw` has for
 * them as they are; both understand the same form.
 */
function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
