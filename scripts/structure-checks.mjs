/*
 * The checks of how the code hangs together, as commands. They are here so that a test can run them against code that
 * breaks the rules.
 */

/** Which file may import which: the rules and their reasons are in .dependency-cruiser.mjs. */
export const importDirection = ['node', 'scripts/check-imports.mjs'];

/** Files, exports and dependencies that nothing uses: knip.jsonc says where use begins. */
export const unusedCode = ['node', 'node_modules/knip/bin/knip.js', '--no-progress'];
