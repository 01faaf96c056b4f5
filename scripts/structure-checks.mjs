import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The checks of how the code hangs together, as commands. They are here so that a test can run them against code that
 * breaks the rules.
 */

/** Who may import whom: the rules and their reasons are in .dependency-cruiser.mjs. */
export function importDirection(root) {
  const sources = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/src`);
  return ['depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', ...sources];
}

/** Files, exports and dependencies that nothing uses: knip.jsonc says where use begins. */
export const unusedCode = ['knip', '--no-progress'];
