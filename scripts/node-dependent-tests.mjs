/*
 * Tests whose outcome depends on the version of Node: those that patch Node's own modules, load code, end processes, or
 * follow the context. `npm test` runs these on a second Node too: for each way in which Node can differ, the quick ones.
 * `npm run test:node -- 24` runs all unit tests on that Node.
 */

/** Files and folders, relative to the workspace. */
export const nodeDependentTests = [
  // Patches of http, https, http2 and fetch.
  'packages/core/src/http/',
  'packages/core/src/rpc/',
  // How modules are loaded: hooks, require, import, require of ES modules, --import.
  'packages/core/src/patching/es-modules.test.ts',
  'packages/core/src/patching/installed-instrumentations.test.ts',
  'packages/core/src/patching/patch-modules.test.ts',
  'packages/core/src/register/process-role.test.ts',
  'packages/core/src/service-folder/',
  // Frameworks of ES modules and of CommonJS, and what they change in a request.
  'packages/express/src/nest-12.test.ts',
  'packages/fastify/src/framework.test.ts',
  'packages/hono/src/framework.test.ts',
  // How processes end.
  'packages/core/src/lifecycle/lifetime.test.ts',
  'packages/core/src/lifecycle/shutdown.test.ts',
  'packages/core/src/diagnosis/end-of-process.test.ts',
  // The context of asynchronous work.
  'packages/core/src/context/',
  'packages/core/src/traces/',
  // The stores of diagnostics channels.
  'packages/core/src/graphql/graphql-channels.test.ts',
  'packages/db/src/pg/pool.test.ts',
];
