import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentOfUser, installPacked } from './packed.mjs';

/*
 * A service of a workspace has its config file and names its plugins in its own folder. It is observed with both from
 * wherever it is started, and doctor names the file that was read.
 */
let root: string;
const service = 'services/orders';
const write = (name: string, content: string | object) => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content));
};

beforeAll(async () => {
  ({ folder: root } = await installPacked(['express@5.3.0'], { names: ['core', 'express', 'cli'] }));
  // The root of a workspace, with what it installs for its services in its node_modules.
  write('package.json', { name: 'shop', private: true, workspaces: ['services/*'] });
  write(`${service}/package.json`, {
    ...{ name: 'orders', version: '2.0.0', main: './main.cjs' },
    dependencies: { '@throughline/core': '*', '@throughline/express': '*', express: '*' },
  });
  write(
    `${service}/throughline.config.mjs`,
    "export default { team: 'checkout', metrics: { endpoint: false }, traces: { exporter: 'none' } };",
  );
  const show = `.diagnose({ contact: false }).then(({ configFile, identity, plugins }) => {
    console.log('SEEN ' + JSON.stringify({ configFile, identity, plugins: plugins.map(({ name }) => name) }));
  });`;
  write(`${service}/main.cjs`, `require('@throughline/core').getObservability()${show}`);
  write(`${service}/with-line.cjs`, "require('@throughline/core/register'); require('./main.cjs');");
  write(`${service}/dist/package.json`, { type: 'module' });
  write(
    `${service}/dist/main.js`,
    `import '@throughline/core/register';
    import { getObservability } from '@throughline/core';
    getObservability()${show}`,
  );
  write(
    `${service}/cluster.cjs`,
    `const cluster = require('node:cluster');
    if (cluster.isPrimary) cluster.fork();
    else { require('./main.cjs'); process.nextTick(() => cluster.worker.disconnect()); }`,
  );
  write(
    `${service}/thread.cjs`,
    "new (require('node:worker_threads').Worker)(require.resolve('./main.cjs'));",
  );
  // What pm2 does with the script of a service; pm2 itself has a licence that this repository does not take.
  write('node_modules/pm2/package.json', { name: 'pm2', version: '6.0.0' });
  write(
    'node_modules/pm2/lib/ProcessContainerFork.js',
    'process.argv[1] = process.env.pm_exec_path; require(process.env.pm_exec_path);',
  );
}, 240_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const preloaded = { NODE_OPTIONS: '--import=@throughline/core/register' };

test.each([
  ['from the root of the workspace', ['services/orders/main.cjs'], '.', preloaded],
  ['as a folder', ['services/orders'], '.', preloaded],
  ['from another folder, with the line in its code', ['{root}/services/orders/with-line.cjs'], '..', {}],
  ['in the folder that its build writes', ['main.js'], 'services/orders/dist', {}],
  ['as the worker of a cluster', ['services/orders/cluster.cjs'], '.', preloaded],
  ['in a worker thread', ['services/orders/thread.cjs'], '.', preloaded],
  [
    'by pm2',
    ['node_modules/pm2/lib/ProcessContainerFork.js'],
    '.',
    { ...preloaded, pm_exec_path: '{root}/services/orders/main.cjs' },
  ],
])('started %s', (_, args, folder, environment) => {
  const placed = (text: string) => text.replace('{root}', root);
  const output = execFileSync(process.execPath, args.map(placed), {
    cwd: join(root, folder),
    encoding: 'utf8',
    env: {
      ...environmentOfUser(),
      ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, placed(value)])),
    },
  });
  const seen = [...output.matchAll(/SEEN (.*)/g)].map(([, json]) => JSON.parse(json as string));
  expect(seen).toEqual([
    {
      configFile: join(root, service, 'throughline.config.mjs'),
      identity: { service_name: 'orders', service_version: '2.0.0', team: 'checkout' },
      plugins: ['express'],
    },
  ]);
});

test.each([
  ['the folder of the service', service, [], 'throughline.config.mjs'],
  [
    'the service as the root starts it',
    '.',
    ['--', 'node', `${service}/with-line.cjs`],
    `${service}/throughline.config.mjs`,
  ],
])('doctor, on %s, names the config file and the plugin', (_, folder, args, shown) => {
  const command = join(root, 'node_modules/throughline/bin/throughline.js');
  const output = execFileSync(process.execPath, [command, 'doctor', ...args], {
    cwd: join(root, folder),
    encoding: 'utf8',
    env: environmentOfUser(),
  });
  expect(output).toMatch(new RegExp(`^Config file +${shown}$`, 'm'));
  expect(output).toMatch(/^Plugins +express$/m);
});
