import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../../command-line/errors.js';

/** The parts of a package.json that `init` looks at. */
export interface PackageJson {
  readonly name?: string;
  readonly type?: string;
  readonly main?: string;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
}

export interface PackageFile {
  readonly folder: string;
  readonly path: string;
  /** As it is on disk, with a byte order mark where there is one. */
  readonly text: string;
  readonly json: PackageJson;
}

const maps = ['scripts', 'dependencies', 'devDependencies', 'optionalDependencies'] as const;

/**
 * Reads the package.json of a folder.
 *
 * @throws CommandError `OBS_INIT_PACKAGE_JSON` when there is none, or it is not what package managers accept
 */
export function readPackageFile(folder: string): PackageFile {
  const path = join(folder, 'package.json');
  const text = readUtf8(path);
  if (text === undefined) {
    throw unusable(`There is no package.json in ${folder}.`, 'Run the command in the folder of the service.');
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const hint = /^\s*(?:\/\/|\/\*)/m.test(text)
      ? ' It contains comments, which package.json cannot have.'
      : '';
    throw unusable(`${path} is not valid JSON: ${(cause as Error).message}.${hint}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw unusable(`${path} does not contain a JSON object.`);
  }
  for (const key of maps) {
    const value = (json as Record<string, unknown>)[key];
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === undefined) continue;
    if (!isMap || Object.values(value).some((each) => typeof each !== 'string')) {
      throw unusable(`${path}: "${key}" must be an object with text values.`);
    }
  }
  return { folder, path, text, json: json as PackageJson };
}

/** All packages that a service names, with their ranges; those for production win. */
export function namedPackages(json: PackageJson): Readonly<Record<string, string>> {
  return { ...json.devDependencies, ...json.optionalDependencies, ...json.dependencies };
}

/**
 * The packages that the service runs with. A bundled service may name all of them as devDependencies, and have no
 * others.
 */
export function runtimePackages(json: PackageJson): Readonly<Record<string, string>> {
  const packages = { ...json.optionalDependencies, ...json.dependencies };
  return Object.keys(packages).length > 0 ? packages : namedPackages(json);
}

/**
 * A text file; undefined where there is none.
 *
 * @throws CommandError `OBS_INIT_NOT_WRITTEN` when it cannot be read, or is not UTF-8 and would be damaged
 */
export function readUtf8(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CommandError('OBS_INIT_NOT_WRITTEN', `${path} cannot be read: ${message}.`, { cause });
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) {
    throw new CommandError('OBS_INIT_NOT_WRITTEN', `${path} is not UTF-8.`, {
      fix: 'Save the file as UTF-8, and run the command again.',
    });
  }
  return text;
}

function unusable(detail: string, fix?: string): CommandError {
  return new CommandError('OBS_INIT_PACKAGE_JSON', detail, fix === undefined ? {} : { fix });
}
