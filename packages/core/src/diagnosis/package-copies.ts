import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { foldersOfScript, foldersUpToPackage } from '../model/package-folder.js';
import { workingDirectory } from '../model/working-directory.js';

/** A package that lies in a folder `node_modules`. */
export interface InstalledCopy {
  readonly name: string;
  readonly version: string | undefined;
  readonly folder: string;
}

/** The folder of the package that a file is in, or that of the process. */
export function packageFolder(file: string | undefined): string {
  const [start = workingDirectory()] = file === undefined ? [] : foldersOfScript(file);
  return foldersUpToPackage(start).at(-1) ?? start;
}

/** Whether the package.json in this folder names a package: another one was brought along by something else. */
export function isDirectDependency(name: string, folder: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return name in { ...manifest.optionalDependencies, ...manifest.dependencies };
  } catch {
    return false;
  }
}

/**
 * All copies of the packages that a service in this folder could load: what lies in its own `node_modules`, what lies
 * inside of that, and what links in it lead to, as pnpm and workspaces have them; and at the top of the folders above,
 * where Node looks as well.
 */
export async function findInstalledCopies(
  names: readonly string[],
  folder: string,
): Promise<readonly InstalledCopy[]> {
  const wanted = new Set(names);
  const found = new Map<string, InstalledCopy>();
  const visited = new Set<string>();
  const add = async (name: string, path: string) => {
    const copy = await readCopy(name, path);
    if (copy) found.set(copy.folder, copy);
  };
  const visit = async (nodeModules: string): Promise<void> => {
    if (visited.has(nodeModules)) return;
    visited.add(nodeModules);
    for (const { name, path, isLink } of await packagesIn(nodeModules)) {
      if (wanted.has(name)) await add(name, path);
      const place = isLink ? await realpath(path).catch(() => path) : path;
      await visit(join(place, 'node_modules'));
      // pnpm installs the dependencies of a package next to it.
      if (isLink && place.endsWith(join('node_modules', name))) await visit(place.slice(0, -name.length - 1));
    }
  };
  await visit(join(folder, 'node_modules'));
  for (const above of foldersAbove(folder)) {
    await Promise.all(names.map((name) => add(name, join(above, 'node_modules', name))));
  }
  return [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

async function readCopy(name: string, path: string): Promise<InstalledCopy | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    // A link of a workspace or of pnpm is the folder that it leads to, as for Node.
    return {
      name,
      version: typeof manifest.version === 'string' ? manifest.version : undefined,
      folder: await realpath(path),
    };
  } catch {
    return undefined;
  }
}

interface PackageFolder {
  readonly name: string;
  readonly path: string;
  readonly isLink: boolean;
}

async function packagesIn(nodeModules: string): Promise<PackageFolder[]> {
  const places: PackageFolder[] = [];
  for (const entry of await entries(nodeModules)) {
    if (entry.name.startsWith('.')) continue;
    const isScope = entry.name.startsWith('@');
    const inside = isScope ? await entries(join(nodeModules, entry.name)) : [entry];
    for (const each of inside) {
      const isLink = each.isSymbolicLink();
      if (!isLink && !each.isDirectory()) continue;
      const name = isScope ? `${entry.name}/${each.name}` : each.name;
      places.push({ name, path: join(nodeModules, name), isLink });
    }
  }
  return places;
}

async function entries(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...foldersAbove(parent)];
}
