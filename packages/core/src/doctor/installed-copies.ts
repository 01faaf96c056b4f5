import { existsSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A package that lies in a folder `node_modules`. */
export interface InstalledCopy {
  readonly name: string;
  readonly version: string | undefined;
  readonly folder: string;
}

/** The folder of the nearest package.json above a file; that of the process where there is none. */
export function packageFolder(file: string | undefined): string {
  const start = file === undefined ? process.cwd() : dirname(file);
  return [start, ...foldersAbove(start)].find((folder) => existsSync(join(folder, 'package.json'))) ?? start;
}

/** Deeper than any package manager nests; a link that leads in a circle ends here too. */
const maxDepth = 20;

/**
 * All copies of the packages that a service in this folder could load: below its own `node_modules`, as npm and Yarn
 * nest them and as pnpm keeps them in `.pnpm`, and in those of the folders above, where Node looks as well.
 */
export async function findInstalledCopies(
  names: readonly string[],
  folder: string,
): Promise<readonly InstalledCopy[]> {
  const found = new Map<string, InstalledCopy>();
  const add = async (name: string, path: string) => {
    const copy = await readCopy(name, path);
    if (copy) found.set(copy.folder, copy);
  };
  const nested = async (nodeModules: string, depth: number): Promise<void> => {
    await Promise.all(names.map((name) => add(name, join(nodeModules, name))));
    if (depth >= maxDepth) return;
    for (const path of await packageFolders(nodeModules)) await nested(join(path, 'node_modules'), depth + 1);
  };
  await nested(join(folder, 'node_modules'), 0);
  for (const above of foldersAbove(folder)) {
    await Promise.all(names.map((name) => add(name, join(above, 'node_modules', name))));
  }
  for (const place of [folder, ...foldersAbove(folder)]) {
    const store = join(place, 'node_modules', '.pnpm');
    for (const entry of await entries(store)) {
      const name = names.find((each) => entry.name.startsWith(`${each.replace('/', '+')}@`));
      if (name !== undefined) await add(name, join(store, entry.name, 'node_modules', name));
    }
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

/** The packages in one `node_modules` that are no links: only those can have copies of their own inside. */
async function packageFolders(nodeModules: string): Promise<string[]> {
  const folders: string[] = [];
  for (const entry of await entries(nodeModules)) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const path = join(nodeModules, entry.name);
    if (!entry.name.startsWith('@')) folders.push(path);
    else {
      const scoped = await entries(path);
      folders.push(...scoped.filter((each) => each.isDirectory()).map(({ name }) => join(path, name)));
    }
  }
  return folders;
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
