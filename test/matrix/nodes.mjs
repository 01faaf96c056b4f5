import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '@throughline/testbed/paths';

/** Node's own versions that Throughline supports: the oldest, and the newest of each line. */
export const supportedNodes = ['20.19.6', '22', '24', '26'];

/** A Node of the given version from npm's `node` package, kept in the user's cache folder. */
export function nodeOf(version) {
  if (version === 'current') return { version: process.version.slice(1), path: process.execPath };
  const folder = join(cacheFolder, `node-${version}`);
  const path = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    execFileSync(
      'npm',
      ['install', '--prefix', folder, '--no-audit', '--no-fund', '--foreground-scripts', `node@${version}`],
      { stdio: 'ignore' },
    );
  }
  return { version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1), path };
}
