/*
 * Runs the tests of a project on another Node, which npm installs into the cache folder if it is not there yet.
 *
 *   npm run test:node -- 24                            the unit tests
 *   npm run test:node -- 26 integration                another project of vitest.config.ts; the packages must be built
 *   npm run test:node -- 22 unit packages/core/src/http    some files of it, and further options of vitest
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeOf } from '../testbed/src/nodes.mjs';
import { onNode, vitestProgram } from './vitest-run.mjs';

const [version, project = 'unit', ...more] = process.argv.slice(2);
if (!/^\d+(?:\.\d+){0,2}$/.test(version ?? '')) {
  console.error('Usage: npm run test:node -- <version> [project] [files and options of vitest]');
  process.exit(2);
}
const node = nodeOf(version);
console.log(`Node ${node.version}: ${project} tests`);
const { status } = spawnSync(node.path, [vitestProgram, 'run', `--project=${project}`, ...more], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  env: onNode(node.path),
});
process.exitCode = status ?? 1;
