/*
 * The unit tests that share a process in `npm test`: they leave nothing behind that another one could meet, so each need
 * not load everything again. The rest get a process each: they define metrics, which stay for the whole process, load
 * modules in an order, or end processes. By itself vitest gives each file a process.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Those that share one process, as folders and files, relative to the workspace. */
const groups = {
  'without an instance': [
    'packages/cli/',
    'packages/core/src/cluster/',
    'packages/core/src/contract/contract.test.ts',
    'packages/core/src/databases/',
    'packages/core/src/diagnosis/package-copies.test.ts',
    'packages/core/src/export/',
    'packages/core/src/lifecycle/lifetime.test.ts',
    'packages/core/src/model/',
    'packages/core/src/options/',
    'packages/core/src/patching/follow-promise.test.ts',
    'packages/core/src/patching/replace-method.test.ts',
    'packages/core/src/patching/stock-instrumentation.test.ts',
    'packages/core/src/recorder/',
    'packages/core/src/redaction/',
    'packages/core/src/register/process-role.test.ts',
    'packages/core/src/service-folder/',
    'packages/core/src/timing/',
    'packages/db/src/mongodb/query-text.test.ts',
    'packages/db/src/redis/query-text.test.ts',
    'packages/db/src/sql/',
    'packages/express/src/path-from-matcher.test.ts',
    'packages/express/src/path-from-regexp.test.ts',
    'packages/profiles/src/sources/',
    'scripts/',
    'site/',
    'testbed/',
  ],
  // Instances one after the other, as within a file.
  'with instances of core': [
    'packages/core/src/annotations/',
    'packages/core/src/context/',
    'packages/core/src/diagnosis/grpc-answer.test.ts',
    'packages/core/src/http/',
    'packages/core/src/jobs/schedulers.test.ts',
    'packages/core/src/legacy/',
    'packages/core/src/lifecycle/shutdown.test.ts',
    'packages/core/src/logs/',
    'packages/core/src/messaging/',
    'packages/core/src/rpc/',
    'packages/core/src/testing/',
    'packages/core/src/traces/',
  ],
  // They take core as it is published.
  'with frameworks': [
    'packages/express/src/both-ways.test.ts',
    'packages/express/src/errors.test.ts',
    'packages/express/src/mounts.test.ts',
    'packages/express/src/routes.test.ts',
    'packages/express/src/switched.test.ts',
    'packages/fastify/src/both-ways.test.ts',
    'packages/fastify/src/find-my-way.test.ts',
    'packages/fastify/src/framework.test.ts',
    'packages/fastify/src/routes.test.ts',
  ],
};

/** What of them needs a process: it defines metrics, asks about its own process, or measures time. */
const separate = [
  'packages/cli/src/check/command.test.ts',
  'packages/cli/src/doctor/command.test.ts',
  'packages/cli/src/doctor/launchers.test.ts',
  'packages/cli/src/profile/command.test.ts',
  'packages/core/src/logs/correlate-chained.test.ts',
  'packages/core/src/logs/correlate-nest-12.test.ts',
  'packages/core/src/logs/correlate.test.ts',
  'packages/db/src/sql/sanitize.test.ts',
  'packages/db/src/sql/statements.fuzz.test.ts',
  'scripts/code-blocks.test.ts',
  'scripts/reference/reference.test.ts',
  // Not in `npm test`: `npm run test:structure`.
  'scripts/structure-checks.test.ts',
];

/** @returns {{ name: string, files: string[] }[]} the test files of each process; paths are relative to the workspace */
export function sharedProcesses() {
  return Object.entries(groups).map(([name, parts]) => ({
    name,
    files: parts.flatMap(testsIn).filter((path) => !separate.includes(path)),
  }));
}

/** @returns {string[]} the test files of all of them */
export function sharedProcessTests() {
  return sharedProcesses().flatMap(({ files }) => files);
}

/** @param {string} path a file, or a folder with a slash at the end */
function testsIn(path) {
  if (!path.endsWith('/')) return [path];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testsIn(`${path}${entry.name}/`);
    return entry.name.endsWith('.test.ts') ? [`${path}${entry.name}`] : [];
  });
}
