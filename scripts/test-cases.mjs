/*
 * Runs every case of the tests of which `npm test` runs representative cases: those that use testbed/src/cases.mjs. The
 * packages must be built.
 *
 *   npm run test:cases                                all of these tests
 *   npm run test:cases -- packages/express test/too-old    some of them
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vitestProgram } from './vitest-run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const files = ['packages', 'test']
  .flatMap((folder) => testsIn(folder))
  .filter((file) => readFileSync(join(root, file), 'utf8').includes("from '@throughline/testbed/cases'"))
  .filter((file) => asked.length === 0 || asked.some((part) => file.startsWith(part)));
if (files.length === 0) {
  console.error(`No test with representative cases is in ${asked.join(', ')}.`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [vitestProgram, 'run', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, THROUGHLINE_BUILT_CORE: 'true', THROUGHLINE_ALL_CASES: 'true' },
});
process.exitCode = status ?? 1;

function testsIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testsIn(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}
