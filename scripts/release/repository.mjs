import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The address of the public repository. It is in one place, `repository` of the package.json of the workspace, and is
 * not set in the source: a release writes it there first, and everything that needs it follows from it.
 */

export const setCommand = 'node scripts/release.mjs repository https://github.com/<owner>/<name>';

/**
 * @param {string} address as it is in a browser, or as git or npm write it
 * @returns {string} the address without `git+` and `.git`
 * @throws if it is not the https address of a repository
 */
export function repositoryAddress(address) {
  const plain = address.replace(/^git\+/, '').replace(/(?:\.git)?\/?$/, '');
  if (/^https:\/\/[\w.-]+(?:\/[\w.-]+){2,}$/.test(plain)) return plain;
  throw new Error(`'${address}' is not the address of a repository. Run: ${setCommand}`);
}

/** The address that is set in the workspace; undefined while none is. */
export function addressOfWorkspace(root) {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const address = typeof repository === 'string' ? repository : repository?.url;
  return address === undefined ? undefined : repositoryAddress(address);
}

/**
 * Where a file of a release is shown in a browser. The tag is the one that changesets makes for core.
 *
 * @param {string} address of the repository
 * @param {string} version of the release
 * @param {string} path in the repository, with an anchor if need be
 */
export function addressOfFile(address, version, path) {
  return `${address}/blob/@throughline/core@${version}/${path}`;
}
