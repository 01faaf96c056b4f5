/*
 * The tests whose outcome depends on the version of Node: those that patch Node's own modules, load code, end
 * processes, or follow the context. `npm test` runs these on a second Node too, without those that take long: clusters,
 * launchers, short-lived processes. To run all tests of a project on another Node: `npm run test:node`.
 */

/** Files and folders, relative to the workspace. */
export const nodeDependentTests = [
  // Patches of http, https, http2 and fetch.
  'packages/core/src/http/',
  'packages/core/src/rpc/grpc.test.ts',
  // How modules are loaded: hooks, require, import, require of ES modules, --import.
  'packages/core/src/patching/',
  'packages/core/src/register/process-role.test.ts',
  'packages/core/src/service-folder/',
  'test/graphql.test.ts',
  'packages/express/src/bundled.test.ts',
  // Frameworks of ES modules and of CommonJS, and what they change in a request.
  'packages/express/src/nest-12.test.ts',
  'packages/express/src/nest-12-service.test.ts',
  'packages/express/src/framework.test.ts',
  'packages/fastify/src/framework.test.ts',
  'packages/hono/src/framework.test.ts',
  'packages/koa/src/framework.test.ts',
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
