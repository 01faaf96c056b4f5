import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { CommandError } from '../../command-line/errors.js';
import { type PackageFile, type PackageJson, readPackageFile, readUtf8 } from './package-file.js';

export interface Workspace {
  readonly root: string;
  readonly packages: readonly PackageFile[];
}

/** The workspace whose root is this folder; undefined where the folder is not the root of one. */
export function workspaceAt(root: string): Workspace | undefined {
  const patterns = patternsOf(root);
  if (patterns.length === 0) return undefined;
  const isExcluded = patterns.filter((each) => each.startsWith('!')).map((each) => matcher(each.slice(1)));
  const isIncluded = patterns.filter((each) => !each.startsWith('!')).map(matcher);
  const packages = foldersWithPackage(root).filter((folder) => {
    const path = relative(root, folder).split(sep).join('/');
    return isIncluded.some((matches) => matches(path)) && !isExcluded.some((matches) => matches(path));
  });
  return { root, packages: packages.map(readPackageFile) };
}

/** The workspace that a package belongs to: in its folder or above it. */
export function workspaceAround(folder: string): Workspace | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const workspace = existsSync(join(at, 'package.json')) ? workspaceAt(at) : undefined;
    if (workspace && (at === folder || workspace.packages.some((each) => each.folder === folder)))
      return workspace;
    if (existsSync(join(at, '.git')) || at === dirname(at)) return undefined;
  }
}

function patternsOf(root: string): readonly string[] {
  const text = readUtf8(join(root, 'pnpm-workspace.yaml'));
  const listed = text === undefined ? fromManifest(root) : fromYaml(join(root, 'pnpm-workspace.yaml'), text);
  return listed
    .filter((each): each is string => typeof each === 'string')
    .map((each) => each.replace(/^(!?)\.\//, '$1').replace(/\/+$/, ''));
}

function fromManifest(root: string): readonly unknown[] {
  const { workspaces } = readPackageFile(root).json as PackageJson & { workspaces?: unknown };
  if (Array.isArray(workspaces)) return workspaces;
  const packages = (workspaces as { packages?: unknown } | undefined)?.packages;
  return Array.isArray(packages) ? packages : [];
}

function fromYaml(path: string, text: string): readonly unknown[] {
  try {
    const packages = (parse(text) as { packages?: unknown } | null)?.packages;
    return Array.isArray(packages) ? packages : [];
  } catch (cause) {
    throw new CommandError(
      'OBS_INIT_PACKAGE_JSON',
      `${path} is not valid YAML: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function foldersWithPackage(root: string): string[] {
  const found: string[] = [];
  const visit = (folder: string, depth: number) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
      const child = join(folder, entry.name);
      if (existsSync(join(child, 'package.json'))) found.push(child);
      if (depth < 6) visit(child, depth + 1);
    }
  };
  visit(root, 0);
  return found.sort();
}

/** `*` is any name, `**` any number of folders, `{a,b}` one of the names. */
function matcher(pattern: string): (path: string) => boolean {
  const source = pattern
    .split('/')
    .map((part) =>
      part === '**'
        ? '(?:[^/]+/)*'
        : `${part
            .replace(/[.+^$()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.split(',').join('|')})`)}/`,
    )
    .join('');
  const expression = new RegExp(`^${source}$`);
  return (path) => expression.test(`${path}/`);
}
