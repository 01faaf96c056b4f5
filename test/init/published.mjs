/*
 * Moves published open-source services over with `throughline init` alone, one for each framework. `npm run test:init`.
 * The packages must be built.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcesses } from '@throughline/testbed/processes';
import { installPacked, pack, runIn } from '../packed.mjs';
import { filesOf, moveOver, throughline } from './move-over.mjs';
import { startRegistry } from './registry.mjs';

/** Programs under the MIT licence, in a version that is fixed. */
const services = [
  {
    package: 'http-server',
    version: '14.1.1',
    framework: 'node:http',
    start: (port) => ['npm', 'start', '--', '-p', String(port), '.'],
    path: '/package.json',
    span: 'GET',
  },
  {
    package: 'json-server',
    version: '0.17.4',
    framework: 'Express 4',
    files: { 'db.json': '{ "posts": [{ "id": 1 }] }' },
    start: (port) => ['node', 'lib/cli/bin.js', 'db.json', '--port', String(port), '--host', '127.0.0.1'],
    path: '/posts/1',
    span: 'GET',
  },
  {
    package: 'lws',
    version: '4.2.1',
    framework: 'Koa',
    files: {
      'hello.mjs': 'export default class { middleware() { return (ctx) => { ctx.body = "hello"; }; } }\n',
    },
    start: (port) => ['node', 'bin/cli.js', '--port', String(port), '--stack', './hello.mjs'],
    path: '/',
    span: 'GET',
  },
  {
    package: 'peer',
    version: '1.0.2',
    framework: 'Express 4, built by a bundler',
    // It listens on PORT.
    start: () => ['npm', 'start'],
    path: '/',
    span: 'GET',
  },
];

const only = process.argv.slice(2);
const place = mkdtempSync(join(tmpdir(), 'throughline-published-'));
const processes = createProcesses();
// Started services are stopped when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
// Published packages name what builds and tests them, and scripts for their own repository.
const env = { npm_config_omit: 'dev', npm_config_ignore_scripts: 'true', npm_config_prefer_offline: 'true' };
let failed = 0;
try {
  const registry = await startRegistry(await pack(['core', 'express', 'koa'], place));
  const { folder: installed } = await installPacked([], {}, ['cli']);
  const command = join(installed, 'node_modules/throughline/bin/throughline.js');
  for (const service of services) {
    if (only.length > 0 && !only.includes(service.package)) continue;
    const problem = await problemOf(service, { registry, command }).catch((error) => String(error.stack));
    if (problem !== undefined) failed++;
    console.log(
      `${problem === undefined ? '✓' : '✗'} ${service.package} ${service.version} (${service.framework})`,
    );
    if (problem !== undefined) console.log(problem);
  }
  registry.close();
  rmSync(installed, { recursive: true, force: true });
} finally {
  await processes.stopAll();
  rmSync(place, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

/** @returns undefined if a request is in a span and in the metrics, and --undo restored all files */
async function problemOf(service, { registry, command }) {
  const around = join(place, service.package);
  mkdirSync(around);
  await runIn(around, 'npm', ['pack', '--silent', `${service.package}@${service.version}`]);
  const [tarball] = readdirSync(around).filter((name) => name.endsWith('.tgz'));
  await runIn(around, 'tar', ['-xzf', tarball]);
  const folder = join(around, 'package');
  writeFileSync(join(folder, '.npmrc'), registry.npmrc);
  for (const [name, text] of Object.entries(service.files ?? {})) writeFileSync(join(folder, name), text);
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--ignore-scripts']);
  const before = filesOf(folder);
  const { init, metrics, spans } = await moveOver({
    ...{
      processes,
      folder,
      command,
      env,
      start: service.start,
      path: service.path,
      serviceName: service.package,
    },
  });
  if (init.code !== 0) return init.output;
  if (process.env.SHOW) console.log(init.output);
  const names = spans.map(({ name }) => name);
  console.log(`  spans: ${names.join(', ')}`);
  if (!names.some((name) => name.startsWith(service.span))) return `no span ${service.span}\n${init.output}`;
  if (!/^http_server_request_duration_seconds_count\{[^}]*team="checkout"/m.test(metrics)) {
    return `no http_server_request_duration_seconds\n${metrics}`;
  }
  const undone = await throughline(command, ['init', '--undo'], folder, env);
  if (undone.code !== 0) return undone.output;
  const after = filesOf(folder);
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
  return differing.length > 0 ? `--undo left ${differing.join(', ')} changed` : undefined;
}
