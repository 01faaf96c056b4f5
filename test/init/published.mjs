/*
 * Moves published open-source services over with `throughline init` alone, of each framework. Each must then record a
 * request with its route, and be as before after --undo. `npm run test:init`; with names, only these. The packages must
 * be built.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProcesses } from '@throughline/testbed/processes';
import { installPacked, pack, runIn } from '../packed.mjs';
import { filesOf, moveOver, throughline } from './move-over.mjs';
import { startRegistry } from './registry.mjs';

/**
 * Programs under the MIT licence, in a version that is fixed. The service is there once `path` is answered with success;
 * `request` is another path, with any answer. `span` is the name of the request's span, and `route` what
 * its metric has; a framework without a router has none. `writes` is what the service or its build writes.
 */
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
    // Its routes pass every request on to a middleware, which answers.
    span: 'GET',
  },
  {
    package: 'peer',
    version: '1.0.2',
    framework: 'Express 4, built by a bundler',
    // It listens on PORT.
    start: () => ['npm', 'start'],
    path: '/',
    span: 'GET /',
  },
  {
    package: 'turborepo-remote-cache',
    version: '2.12.0',
    framework: 'Fastify 5',
    env: { AUTH_MODE: 'none', STORAGE_PATH: 'stored', HOST: '127.0.0.1', NODE_ENV: 'production' },
    manager: 'pnpm',
    start: () => ['npm', 'start'],
    writes: ['stored'],
    path: '/v8/artifacts/status',
    request: '/v8/artifacts/0123abcd?slug=acme',
    span: 'GET /v8/artifacts/:id',
  },
  {
    package: '@portkey-ai/gateway',
    version: '1.15.2',
    framework: 'Hono 4, built by a bundler',
    start: (port) => ['npm', 'run', 'start:node', '--', `--port=${port}`, '--headless'],
    path: '/',
    request: '/v1/files/7',
    span: 'GET /v1/files/:id',
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
    package: '@nestjs/schematics',
    version: '12.0.6',
    framework: 'NestJS 12, as `nest new` and `nest generate resource` write it',
    write: writeNestService,
    build: ['npm', 'run', 'build'],
    writes: ['dist', 'tsconfig.build.tsbuildinfo'],
    start: () => ['npm', 'run', 'start:prod'],
    path: '/orders/7',
    span: 'GET /orders/:id',
  },
];

const only = process.argv.slice(2);
const withoutExtras = ['--omit=dev', '--ignore-scripts'];
const place = mkdtempSync(join(tmpdir(), 'throughline-published-'));
const processes = createProcesses();
// Started services are stopped when this process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
// The package manager of some of them, which users have on their PATH.
const pnpm = fileURLToPath(new URL('../../scripts/pnpm.mjs', import.meta.url));
mkdirSync(join(place, 'bin'));
writeFileSync(join(place, 'bin/pnpm'), `#!/bin/sh\nexec "${process.execPath}" "${pnpm}" "$@"\n`, {
  mode: 0o755,
});
let failed = 0;
try {
  const registry = await startRegistry(
    await pack(['core', 'express', 'fastify', 'hono', 'koa', 'db'], place),
  );
  const { folder: installed } = await installPacked([], { names: ['cli'] });
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
  const around = join(place, service.package.replace('/', '-'));
  mkdirSync(around);
  const folder = await (service.write ?? unpack)(around, service);
  // Published packages name what builds and tests them, and scripts for their own repository.
  const npm = service.build ? {} : { npm_config_omit: 'dev', npm_config_ignore_scripts: 'true' };
  const path = `${join(place, 'bin')}${delimiter}${process.env.PATH}`;
  const env = { ...npm, npm_config_prefer_offline: 'true', PATH: path, ...service.env };
  // pnpm would fetch the version that the package itself is developed with.
  writeFileSync(join(folder, '.npmrc'), `${registry.npmrc}manage-package-manager-versions=false\n`);
  for (const [name, text] of Object.entries(service.files ?? {})) writeFileSync(join(folder, name), text);
  if (service.manager === 'pnpm')
    await runIn(folder, process.execPath, [pnpm, 'install', '--prod', '--ignore-scripts']);
  else
    await runIn(folder, 'npm', [
      'install',
      '--no-audit',
      '--no-fund',
      ...(service.build ? [] : withoutExtras),
    ]);
  const before = filesOf(folder);
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const serviceName = name.replace(/^@[^/]+\//, '');
  const { init, metrics, spans } = await moveOver({
    ...service,
    processes,
    folder,
    command,
    env,
    serviceName,
  });
  if (init.code !== 0) return init.output;
  if (process.env.SHOW) console.log(init.output);
  const names = new Set(spans.map((span) => span.name));
  console.log(`  spans: ${[...names].join(', ')}`);
  if (!names.has(service.span)) return `no span ${service.span}\n${init.output}`;
  const [, route] = service.span.split(' ');
  const labels = route === undefined ? '' : `http_route="${route}",[^}]*`;
  if (
    !new RegExp(`^http_server_request_duration_seconds_count\\{[^}]*${labels}team="checkout"`, 'm').test(
      metrics,
    )
  ) {
    return `no http_server_request_duration_seconds of ${service.span}\n${metrics}`;
  }
  const undone = await throughline(command, ['init', '--undo'], folder, env);
  if (undone.code !== 0) return undone.output;
  for (const written of service.writes ?? []) rmSync(join(folder, written), { recursive: true, force: true });
  const after = filesOf(folder);
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (file) => before[file] !== after[file],
  );
  return differing.length > 0 ? `--undo left ${differing.join(', ')} changed` : undefined;
}

/** The files of a package, as npm publishes them. */
async function unpack(around, { package: name, version }) {
  await runIn(around, 'npm', ['pack', '--silent', `${name}@${version}`]);
  const [tarball] = readdirSync(around).filter((file) => file.endsWith('.tgz'));
  await runIn(around, 'tar', ['-xzf', tarball]);
  return join(around, 'package');
}

/** What Nest's own command writes for a new service. */
async function writeNestService(around, { version }) {
  // The schematics do not take TypeScript 7, which npm would install.
  const tools = ['@nestjs/cli@12.0.8', `@nestjs/schematics@${version}`, 'typescript@6.0.2'];
  writeFileSync(join(around, 'package.json'), '{ "private": true }');
  await runIn(around, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tools]);
  const nest = (folder, ...args) =>
    runIn(folder, process.execPath, [join(around, 'node_modules/@nestjs/cli/bin/nest.js'), ...args]);
  await nest(around, 'new', 'shop', '--skip-git', '--skip-install', '--package-manager', 'npm');
  await nest(join(around, 'shop'), 'generate', 'resource', 'orders', '--no-spec', '--type', 'rest', '--crud');
  return join(around, 'shop');
}
