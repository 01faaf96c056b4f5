import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';

/** Node's own versions that Throughline supports: the oldest, and the newest of each line. */
export const supportedNodes = ['20.19.6', '22', '24', '26'];

/** The Node that the tests which depend on Node's version also run on: the newest line with long-term support. */
export const secondNode = '24';

const isWindows = process.platform === 'win32';

/**
 * A Node of the given version from npm's `node` package, kept in the user's cache folder.
 *
 * @param {string} version `24`, `20.19.6`, or `current` for the Node that runs this
 * @returns {{ version: string, path: string }} without `v`, and the path of the program
 * @throws if npm cannot install it
 */
export function nodeOf(version) {
  if (version === 'current') return { version: process.version.slice(1), path: process.execPath };
  const folder = join(cacheFolder, `node-${version}`);
  const path = join(folder, 'node_modules/node/bin', isWindows ? 'node.exe' : 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    // The package gets its program from a script of the installation.
    execFileSync(
      'npm',
      ['install', '--prefix', '.', '--no-audit', '--no-fund', '--foreground-scripts', `node@${version}`],
      { cwd: folder, stdio: 'ignore', shell: isWindows },
    );
  }
  return { version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1), path };
}
