import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folders that a script is in: first that of the file that its path leads to, then that of the path itself, if it
 * is a link. `node services/orders` starts a folder; then it is that folder.
 *
 * @param script as in `process.argv[1]`
 */
export function foldersOfScript(script: string): readonly string[] {
  return [...new Set([realPath(script), script].map((path) => (isFolder(path) ? path : dirname(path))))];
}

/**
 * A folder and those above it, up to the first whose package.json has a name or dependencies. Builds write one into
 * their output that says nothing but `type`.
 *
 * @returns the folder alone if no package.json is found
 */
export function foldersUpToPackage(start: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    folders.push(folder);
    if (isPackage(folder)) return folders;
    if (folder === dirname(folder)) return [start];
  }
}

function isPackage(folder: string): boolean {
  try {
    const { name, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return (typeof name === 'string' && name !== '') || typeof dependencies === 'object';
  } catch {
    // No package.json here, or one that cannot be read: the next folder up may have one.
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
