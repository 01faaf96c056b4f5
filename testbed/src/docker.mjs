import { spawnSync } from 'node:child_process';

/** Whether Docker starts containers here: the command alone does not. */
export function hasDocker() {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}
