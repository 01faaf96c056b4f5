/*
 * Runs tests of other people's packages bare and with Throughline preloaded, and says which end otherwise.
 *
 *   npm run test:others
 *   npm run test:others -- pino        only suites and programs whose names contain this
 */
import { createServer } from 'node:http';
import { onLoopback } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { buildCore } from '../../packages/core/test/built-core.js';
import { startDatabases, startServer } from './databases.js';
import { installPlugins } from './plugins.js';
import { programs, runProgram } from './programs.js';
import { runSuite } from './run-suite.js';
import { suites } from './suites.js';

const word = process.argv[2] ?? '';
const processes = createProcesses();
const core = await buildCore('others-run');
let bodies = '';
const intake = await onLoopback(
  createServer((request, response) => {
    request.setEncoding('latin1').on('data', (text: string) => {
      bodies += text;
    });
    request.on('end', () => response.end());
  }),
);
const received = () => {
  const all = bodies;
  bodies = '';
  return all;
};
let passed = 0;
let failed = 0;
try {
  const chosen = programs.filter(({ name }) => name.includes(word));
  const databases = await startDatabases(chosen, processes);
  await installPlugins(core.folder);
  for (const program of chosen) {
    const problem = await runProgram(program, core.folder, intake.url, databases, received);
    if (problem === undefined) passed++;
    else failed++;
    console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} program ${program.name}`);
    if (problem !== undefined) console.log(problem);
  }
  for (const suite of suites.filter(({ name }) => name.includes(word))) {
    const server = await startServer(suite, processes);
    const result = await runSuite(suite, core.folder, intake.url, server.env);
    server.stop();
    const { files, tests, differences: all, unsteady } = result;
    const reasonOf = (difference: string) =>
      Object.entries(suite.known ?? {}).find(([name]) => difference.startsWith(`${name}:`))?.[1];
    const differences = all.filter((difference) => reasonOf(difference) === undefined);
    if (differences.length === 0) passed++;
    else failed++;
    const label = `${suite.name} ${suite.version}: ${tests} tests in ${files} files`;
    console.log(`${differences.length === 0 ? 'ok    ' : 'FAILED'} ${label}, ${unsteady} unsteady`);
    for (const difference of differences) console.log(`       ${difference}`);
    for (const difference of all) {
      const reason = reasonOf(difference);
      if (reason !== undefined) console.log(`       known: ${difference}; ${reason}`);
    }
  }
} finally {
  await intake.stop();
  core.remove();
  await processes.stopAll();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
