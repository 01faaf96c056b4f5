import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PackageJson, readPackageFile, readUtf8 } from './package-file.js';

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn 1' | 'yarn' | 'bun';

export interface PackageManager {
  readonly name: PackageManagerName;
  /** The folder with the lock file, or the root of the workspace. */
  readonly root: string;
  /** What tells it. */
  readonly because: string;
  /** Lock files of other package managers beside the one that was chosen. */
  readonly ignored: readonly string[];
}

const locks: readonly (readonly [file: string, name: PackageManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/** All files that an install may write beside node_modules. */
export const installedFiles: readonly string[] = [
  ...locks.map(([file]) => file),
  '.pnp.cjs',
  '.pnp.loader.mjs',
];

/** Whose lock file is nearest; `packageManager` in package.json decides if it is set. npm where nothing tells. */
export function findPackageManager(folder: string, workspaceRoot: string | undefined): PackageManager {
  const end = workspaceRoot ?? folder;
  for (let at = folder; ; at = dirname(at)) {
    const found = locks.filter(([file]) => existsSync(join(at, file)));
    const named = namedIn(at);
    if (named || found.length > 0) {
      const [first] = found;
      const name = named ?? nameOf(at, first?.[1] ?? 'npm');
      const isOwn = ([, each]: readonly [string, PackageManagerName]) => family(each) === family(name);
      return {
        name,
        root: at,
        because: named ? 'packageManager in package.json' : String(first?.[0]),
        ignored: found.filter((lock) => !isOwn(lock)).map(([file]) => file),
      };
    }
    if (at === end || at === dirname(at)) break;
  }
  const isPnpm = existsSync(join(end, 'pnpm-workspace.yaml'));
  const isBerry = existsSync(join(end, '.yarnrc.yml'));
  if (isPnpm) return { name: 'pnpm', root: end, because: 'pnpm-workspace.yaml', ignored: [] };
  if (isBerry) return { name: 'yarn', root: end, because: '.yarnrc.yml', ignored: [] };
  return { name: 'npm', root: end, because: 'there is no lock file', ignored: [] };
}

/** The program, and what makes it change the lock file in CI too. */
export function installCommand(name: PackageManagerName): readonly string[] {
  switch (name) {
    case 'npm':
      return ['npm', 'install', '--no-audit', '--no-fund'];
    case 'pnpm':
      return ['pnpm', 'install', '--no-frozen-lockfile'];
    case 'yarn 1':
      return ['yarn', 'install', '--non-interactive'];
    case 'yarn':
      return ['yarn', 'install', '--no-immutable'];
    case 'bun':
      return ['bun', 'install', '--no-frozen-lockfile'];
  }
}

/** What installs exactly the lock file. */
export function restoreCommand(name: PackageManagerName): string {
  switch (name) {
    case 'npm':
      return 'npm ci';
    case 'yarn':
      return 'yarn install --immutable';
    default:
      return `${family(name)} install --frozen-lockfile`;
  }
}

/** The range by which a package of the same workspace is named. */
export function workspaceRange(name: PackageManagerName): string {
  return name === 'npm' || name === 'yarn 1' ? '*' : 'workspace:*';
}

function namedIn(folder: string): PackageManagerName | undefined {
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  const json = readPackageFile(folder).json as PackageJson & {
    devEngines?: { packageManager?: { name?: unknown } };
  };
  const fromEngines = json.devEngines?.packageManager?.name;
  const text = typeof json.packageManager === 'string' ? json.packageManager : String(fromEngines ?? '');
  const [, name, major] = /^(npm|pnpm|yarn|bun)(?:@(\d+))?/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (name !== 'yarn') return name as PackageManagerName;
  return major === undefined ? nameOf(folder, 'yarn') : major === '1' ? 'yarn 1' : 'yarn';
}

/** Yarn from 2 on writes `__metadata` to its lock file. */
function nameOf(folder: string, name: PackageManagerName): PackageManagerName {
  if (name !== 'yarn' || existsSync(join(folder, '.yarnrc.yml'))) return name;
  const lock = readUtf8(join(folder, 'yarn.lock')) ?? '';
  return /^__metadata:/m.test(lock) ? 'yarn' : 'yarn 1';
}

function family(name: PackageManagerName): string {
  return name === 'yarn 1' ? 'yarn' : name;
}
