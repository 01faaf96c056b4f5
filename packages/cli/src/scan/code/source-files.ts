import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import createIgnore, { type Ignore } from 'ignore';

const skippedFolders = new Set([
  'node_modules',
  'bower_components',
  'jspm_packages',
  'dist',
  'build',
  'out',
  'coverage',
]);
const codeFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const madeFile = /\.(?:d\.[cm]?ts|min\.[cm]?js|bundle\.[cm]?js|pb\.[jt]s|generated\.[jt]sx?)$|[-_.]pb\.js$/;

/** Files longer than this are data or bundles: 1 MiB. */
const maxSizeBytes = 1024 * 1024;

/**
 * The code files of a folder. Links are not followed: the files behind them are read once, in their real folder.
 *
 * @param onUnreadable is called with each folder that cannot be listed
 */
export function listSourceFiles(
  folder: string,
  onUnreadable: (path: string, error: unknown) => void = () => {},
): string[] {
  const root = realpathSync(folder);
  const files: string[] = [];
  const visit = (path: string, rules: readonly Rules[]): void => {
    const rulesHere = rulesIn(path);
    const all = rulesHere ? [...rules, rulesHere] : rules;
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      onUnreadable(path, error);
      return;
    }
    for (const entry of entries) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith('.') || skippedFolders.has(entry.name)) continue;
        if (!isIgnored(child, true, all)) visit(child, all);
      } else if (entry.isFile() && codeFile.test(entry.name) && !madeFile.test(entry.name)) {
        if (!isIgnored(child, false, all)) files.push(child);
      }
    }
  };
  visit(root, rulesAbove(root));
  return files;
}

/**
 * The text of a file that people wrote; undefined for what is minified, generated or too long.
 *
 * @throws the system's error when it cannot be read
 */
export function readSource(path: string): string | undefined {
  if (statSync(path).size > maxSizeBytes) return undefined;
  const text = readFileSync(path, 'utf8');
  return isMade(text) ? undefined : text;
}

function isMade(text: string): boolean {
  if (/@generated\b|\bauto-?generated\b|\bdo not edit\b/i.test(text.slice(0, 400))) return true;
  if (text.length < 2_000) return false;
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / lines > 300;
}

interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

function rulesIn(folder: string): Rules | undefined {
  try {
    return { folder, ignore: createIgnore().add(readFileSync(join(folder, '.gitignore'), 'utf8')) };
  } catch {
    return undefined;
  }
}

/**
 * The rules of the folders above, up to the one of the repository. None if they ignore the scanned folder
 * itself: who names it wants it scanned.
 */
function rulesAbove(root: string): Rules[] {
  const rules: Rules[] = [];
  let at = root;
  while (!isRepository(at)) {
    const above = dirname(at);
    if (above === at) return [];
    const found = rulesIn(above);
    if (found) rules.unshift(found);
    at = above;
  }
  return isIgnored(root, true, rules) ? [] : rules;
}

function isRepository(folder: string): boolean {
  return statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
}

function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  let ignored = false;
  for (const { folder, ignore } of rules) {
    const from = relative(folder, path).split(sep).join('/');
    const { ignored: matches, unignored } = ignore.test(isFolder ? `${from}/` : from);
    if (matches) ignored = true;
    else if (unignored) ignored = false;
  }
  return ignored;
}
