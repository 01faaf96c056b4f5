import { execFileSync } from 'node:child_process';

/**
 * Whom to run a server as that refuses to run as root.
 *
 * @param {readonly string[]} users the first of them that this machine has
 * @returns {{ uid: number, gid: number } | undefined} undefined for users other than root, and if there is no such user
 */
export function identityInsteadOfRoot(...users) {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of users) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user here.
    }
  }
  return undefined;
}
