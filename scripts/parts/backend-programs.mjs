import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './paths.mjs';

/** Where `build-backends.mjs` puts what it builds. */
export const backendsFolder = join(cacheFolder, 'backends');

/** What to do where a backend is missing. */
export const backendHint = (name) =>
  `install ${name}, or run \`node scripts/parts/build-backends.mjs ${name}\` (needs Go 1.26)`;

/**
 * The path of one of the programs of `build-backends.mjs`: the one on the PATH, or the one built into the cache;
 * undefined where there is neither.
 */
export function backendProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), backendsFolder];
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`)))
    .find(existsSync);
}
