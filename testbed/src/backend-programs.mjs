import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { partOfProgram } from './catalogue.mjs';
import { cacheFolder } from './paths.mjs';

/** Where `build-backends.mjs` puts what it builds. */
export const backendsFolder = join(cacheFolder, 'backends');

/** Where `build-backends.mjs` leaves the reason when a program could not be built. */
export const reasonFile = (name) => join(backendsFolder, `${name}.failed`);

/** Why a program is missing, and what to do about it. */
export function backendHint(name) {
  const file = reasonFile(name);
  const why = existsSync(file)
    ? `it could not be built (${readFileSync(file, 'utf8').trim()})`
    : `there is no program ${name} on the PATH or in ${backendsFolder}`;
  const { address } = partOfProgram(name) ?? {};
  const ways = [
    `install ${name}`,
    `run \`node testbed/build-backends.mjs ${name}\` (needs Go 1.26)`,
    ...(address ? [`set ${address}`] : []),
  ];
  return `${why}; ${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
}

/**
 * The path of one of the programs of `build-backends.mjs`: the one on the PATH, or the one built into the cache;
 * undefined if there is neither.
 */
export function backendProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), backendsFolder];
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`)))
    .find(existsSync);
}
