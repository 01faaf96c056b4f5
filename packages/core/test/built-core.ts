import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownExports } from '../../../scripts/own-exports.mjs';

const packageFolder = fileURLToPath(new URL('../', import.meta.url));

export interface BuiltCore {
  /** A folder of a service, with `@throughline/core` in its node_modules. */
  readonly folder: string;
  remove(): void;
}

/**
 * Puts core as it is published into a folder in which a service can be put. `npm test`, which builds all packages first,
 * takes what it has built; by itself vitest builds from the sources, in seconds.
 *
 * @param name distinguishes the folders of test files
 */
export async function buildCore(name: string): Promise<BuiltCore> {
  // Below node_modules of the package, so that what is not bundled is found. `npm test` runs some files on two versions of
  // Node at the same time.
  const parent = `${packageFolder}node_modules/.${name}-${process.versions.node}`;
  // Its programs are to be the service's own, not those of an installed package.
  const installed = `${parent}/node_modules/@throughline/core`;
  rmSync(parent, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  if (process.env.THROUGHLINE_BUILT_CORE) copyBuilt(installed);
  else await buildFromSources(installed);
  return { folder: parent, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

function copyBuilt(installed: string): void {
  for (const part of ['package.json', 'dist']) {
    cpSync(`${packageFolder}${part}`, `${installed}/${part}`, {
      recursive: true,
      filter: (path) => !/\.(?:map|d\.c?ts)$/.test(path),
    });
  }
}

async function buildFromSources(installed: string): Promise<void> {
  const common = { bundle: true, packages: 'external', platform: 'node', logLevel: 'error' } as const;
  const cjs = { ...common, format: 'cjs', outdir: installed, outExtension: { '.js': '.cjs' } } as const;
  await build({
    ...common,
    entryPoints: { index: `${packageFolder}src/index.ts`, register: `${packageFolder}src/register.ts` },
    outdir: installed,
    format: 'esm',
    splitting: true,
  });
  await build({
    ...cjs,
    entryPoints: {
      index: `${packageFolder}src/index.ts`,
      'observe-process': `${packageFolder}src/register/observe-process.ts`,
      register: `${packageFolder}src/register-require.ts`,
    },
  });
  // As the build of the packages does.
  for (const name of readdirSync(installed)) {
    const file = `${installed}/${name}`;
    const safe = ownExports.renderChunk(readFileSync(file, 'utf8'));
    if (safe) writeFileSync(file, safe.code);
  }
  writeFileSync(
    `${installed}/package.json`,
    JSON.stringify({
      name: '@throughline/core',
      type: 'module',
      exports: {
        '.': { import: './index.js', require: './index.cjs' },
        './register': { import: './register.js', require: './register.cjs' },
      },
    }),
  );
}
