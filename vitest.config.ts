import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folders = readdirSync(source('./packages'));

/**
 * The entries of core. The packages that use core are tested with its sources, so that a change needs no build. `npm
 * test`, which builds all packages first, tests them with core as it is published.
 */
const core: Plugin = {
  name: 'entries-of-core',
  enforce: 'pre',
  resolveId(specifier, importer = '') {
    const [isEntry, entry = 'index'] = /^@throughline\/core(?:\/(\w+))?$/.exec(specifier) ?? [];
    if (isEntry === undefined) return null;
    const isBuilt =
      process.env.THROUGHLINE_BUILT_CORE && usersOfCore.some((folder) => importer.startsWith(folder));
    return source(`./packages/core/${isBuilt ? `dist/${entry}.js` : `src/${entry}.ts`}`);
  },
};
const usersOfCore = folders
  .filter((folder) => folder !== 'core' && folder !== 'cli')
  .map((folder) => source(`./packages/${folder}/`));

export default defineConfig({
  plugins: [core],
  resolve: {
    alias: Object.fromEntries(
      folders
        .filter((folder) => folder !== 'core')
        .map((folder) => [`@throughline/${folder}`, source(`./packages/${folder}/src/index.ts`)]),
    ),
  },
  test: {
    // Observability is one per process, and so is each test file's.
    pool: 'forks',
    isolate: true,
    server: { deps: { external: [/\/packages\/core\/dist\//] } },
    globalSetup: ['testbed/src/temporary-folder.mjs'],
    testTimeout: 20_000,
    // A busy machine is late, not wrong.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/{cli,core,db,express,fastify,hono,koa,bullmq,profiles}/{src,page}/**/*.test.ts',
            '{scripts,site,testbed}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        // A broker at a time: the tests wait for real rebalances and restarts.
        test: {
          name: 'kafka',
          include: ['packages/kafka/src/**/*.test.ts'],
          globalSetup: ['packages/kafka/test/parts/one-broker.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'rabbitmq',
          include: ['packages/rabbitmq/src/**/*.test.ts'],
          globalSetup: ['packages/rabbitmq/test/parts/one-broker.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'nats',
          include: ['packages/nats/src/**/*.test.ts'],
          globalSetup: ['packages/nats/test/parts/one-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'sqs',
          include: ['packages/sqs/src/**/*.test.ts'],
          globalSetup: ['packages/sqs/test/parts/one-server.ts'],
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/packed-once.ts'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // They wait for services, servers and npm: more than the cores, and few enough for the machine's memory.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
