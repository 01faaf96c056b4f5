import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parse as parseJsonc } from 'jsonc-parser';
import { namedPackages, type PackageJson, readUtf8 } from './package-file.js';

/** How the service is built. */
export interface Build {
  /** Folders that a build writes, relative to the package, without a slash at the end. */
  readonly outputs: readonly string[];
  /** Folders that may hold the sources of these. */
  readonly sources: readonly string[];
  /** The bundler that puts packages into the built file; undefined where imports stay as they are. */
  readonly bundler: string | undefined;
}

const compilers = /(?:^|[\s/])(?:tsc|tsc-watch|tsc-alias|swc|babel|nest|tsup|tsdown|unbuild|pkgroll)(?=\s|$)/;
const bundlers = /(?:^|[\s/])(esbuild|webpack|rollup|rolldown|vite|ncc|parcel|rspack|bun build)(?=\s|$)/;
const bundlerPackages = [
  'esbuild',
  'webpack',
  'rollup',
  'vite',
  '@vercel/ncc',
  'parcel',
  '@rspack/core',
  'rolldown',
];

export function findBuild(folder: string, json: PackageJson): Build {
  const configs = ['tsconfig.json', 'tsconfig.build.json', 'tsconfig.app.json'].flatMap(
    (name) => compilerOptions(join(folder, name)) ?? [],
  );
  const inside = (paths: readonly (string | undefined)[]) =>
    paths.flatMap((path) => {
      if (path === undefined) return [];
      const name = relative(folder, join(folder, path)).split(sep).join('/');
      return name === '' || name.startsWith('..') ? [] : [name];
    });
  return {
    outputs: [
      ...new Set([
        ...inside(configs.map(({ outDir }) => outDir)),
        'dist',
        'build',
        'out',
        '.output',
        '.next',
      ]),
    ],
    sources: [...new Set([...inside(configs.map(({ rootDir }) => rootDir)), 'src', ''])],
    bundler: bundlerOf(json),
  };
}

/** Whether a path is in a folder that a build writes. */
export function isBuilt({ outputs }: Build, name: string): boolean {
  return outputs.some((output) => name.startsWith(`${output}/`));
}

/** The source of a built file, relative to the package; undefined where it cannot be told. */
export function sourceOf(folder: string, build: Build, name: string): string | undefined {
  for (const output of build.outputs) {
    if (!name.startsWith(`${output}/`)) continue;
    const inner = name.slice(output.length + 1).replace(/\.[cm]?js$/, '');
    for (const source of build.sources) {
      for (const extension of ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx']) {
        for (const candidate of [inner, `${inner}/index`]) {
          const path = [source, `${candidate}.${extension}`].filter((part) => part !== '').join('/');
          if (!isBuilt(build, path) && existsSync(join(folder, path))) return path;
        }
      }
    }
  }
  return undefined;
}

function bundlerOf(json: PackageJson): string | undefined {
  const scripts = Object.entries(json.scripts ?? {}).filter(([name]) =>
    /build|compile|bundle|prepare|pack/.test(name),
  );
  const text = scripts.map(([, script]) => script).join('\n');
  const named = bundlers.exec(text)?.[1];
  if (named === 'esbuild' && (/--packages[= ]external/.test(text) || !/--bundle\b/.test(text)))
    return undefined;
  if (named !== undefined) return named;
  if (compilers.test(text) || text === '') return undefined;
  const packages = namedPackages(json);
  return bundlerPackages.find((name) => Object.hasOwn(packages, name));
}

function compilerOptions(path: string): { outDir?: string; rootDir?: string } | undefined {
  const text = readUtf8(path);
  if (text === undefined) return undefined;
  const options: unknown = parseJsonc(text, [], { allowTrailingComma: true })?.compilerOptions;
  if (typeof options !== 'object' || options === null) return undefined;
  const { outDir, rootDir } = options as { outDir?: unknown; rootDir?: unknown };
  return {
    ...(typeof outDir === 'string' ? { outDir } : {}),
    ...(typeof rootDir === 'string' ? { rootDir } : {}),
  };
}
