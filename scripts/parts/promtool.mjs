import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What to do where there is no promtool. */
export const promtoolHint = 'put promtool of Prometheus 3 on the PATH';

/**
 * Prometheus' own checker of rules and metrics, from the PATH or the caches of built backends.
 *
 * @returns its path; undefined where there is none, which is said in one line and fails in CI
 */
export function promtool() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  if (spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0) return 'promtool';
  const found = [
    join(cache, 'throughline/backends/promtool'),
    join(homedir(), '.cache/throughline-backends/bin/promtool'),
  ].find((path) => existsSync(path));
  if (found) return found;
  const notice = `promtool is off: ${promtoolHint}.`;
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
  return undefined;
}
