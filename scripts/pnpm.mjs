/*
 * Runs the pnpm version that package.json pins. npm installs it once into the user's cache folder, so that nothing needs to
 * be installed globally. To start it through npx would take npm four times as long as pnpm itself.
 * Usage: node scripts/pnpm.mjs install
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../testbed/src/paths.mjs';

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const folder = join(cacheFolder, packageManager.replace('@', '-'));
if (!existsSync(folder)) install();
const { status } = spawnSync(
  process.execPath,
  [join(folder, 'node_modules/pnpm/bin/pnpm.cjs'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;

/** Two processes may install it at the same time: it is there as a whole, or not at all. */
function install() {
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = mkdtempSync(join(cacheFolder, 'pnpm-unfinished-'));
  try {
    execFileSync(
      'npm',
      ['install', '--prefix', '.', '--no-audit', '--no-fund', '--loglevel=error', packageManager],
      // What npm prints on stdout must not mix with what pnpm prints.
      { cwd: unfinished, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' },
    );
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
