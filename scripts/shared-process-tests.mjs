/*
 * The unit tests that `npm test` runs in one process: they leave nothing behind that another one could meet, so each need
 * not load everything again. The rest get a process each: they patch modules, load them in an order, or end processes.
 * By itself vitest gives each file a process.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders and files, relative to the workspace. */
const shared = [
  'packages/cli/',
  'packages/core/src/contract/contract.test.ts',
  'packages/core/src/databases/',
  'packages/core/src/export/',
  'packages/core/src/model/',
  'packages/core/src/options/',
  'packages/core/src/recorder/',
  'packages/core/src/redaction/',
  'packages/core/src/timing/',
  'scripts/',
  'site/',
  'testbed/',
];

/** What of them needs a process: it defines metrics for the whole process, or asks about its own process. */
const separate = [
  'packages/cli/src/check/command.test.ts',
  'packages/cli/src/doctor/command.test.ts',
  'packages/cli/src/doctor/launchers.test.ts',
  'packages/cli/src/profile/command.test.ts',
  'scripts/code-blocks.test.ts',
  'scripts/reference/reference.test.ts',
];

/** @returns {string[]} paths of test files, relative to the workspace */
export function sharedProcessTests() {
  return shared.flatMap(testsIn).filter((path) => !separate.includes(path));
}

/** @param {string} path a file, or a folder with a slash at the end */
function testsIn(path) {
  if (!path.endsWith('/')) return [path];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testsIn(`${path}${entry.name}/`);
    return entry.name.endsWith('.test.ts') ? [`${path}${entry.name}`] : [];
  });
}
