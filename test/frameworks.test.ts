import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { environmentOfUser, installPacked, pack, runIn } from './packed.mjs';

/*
 * What a new user does, with the packed packages: a service with several frameworks in one process, observed with the
 * register entry alone. The doctor says what is missing; its advice is followed to the letter, and the service has routes.
 */
const frameworks = {
  express: {
    libraries: ['express@5'],
    imports: `import express from 'express';`,
    code: `express().get('/express/:id', (_req, res) => { res.send('ok'); }).listen(port);`,
  },
  fastify: {
    libraries: ['fastify@5'],
    imports: `import fastify from 'fastify';`,
    code: `const app = fastify(); app.get('/fastify/:id', async () => 'ok'); await app.listen({ port });`,
  },
  hono: {
    libraries: ['hono@4', '@hono/node-server@2'],
    imports: `import { serve } from '@hono/node-server'; import { Hono } from 'hono';`,
    code: `serve({ fetch: new Hono().get('/hono/:id', (c) => c.text('ok')).fetch, port });`,
  },
  koa: {
    libraries: ['koa@3', '@koa/router@15'],
    imports: `import Router from '@koa/router'; import Koa from 'koa';`,
    code: `const router = new Router().get('/koa/:id', (ctx) => { ctx.body = 'ok'; });
      new Koa().use(router.routes()).listen(port);`,
  },
} as const;
const names = Object.keys(frameworks) as (keyof typeof frameworks)[];
const register = ['--import', '@throughline/core/register'];

let folder: string;
let tarballs: Record<string, string>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  ({ folder, tarballs } = await installPacked(
    names.flatMap((name) => frameworks[name].libraries),
    // npm installs the plugins later.
    { manifest: { type: 'module' }, names: ['core', 'cli'], installer: 'npm' },
  ));
  Object.assign(tarballs, await pack(names, join(folder, 'packed')));
  const blocks = names.map(
    (name) => `{ const port = Number(process.env.PORT_${name}); ${frameworks[name].code} }`,
  );
  const imports = names.map((name) => frameworks[name].imports);
  writeFileSync(join(folder, 'service.mjs'), [...imports, ...blocks].join('\n'));
}, 400_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

/** A port for each framework and for the metrics. */
async function ports(): Promise<Record<string, string>> {
  const entries = names.map(async (name) => [`PORT_${name}`, await freePort()] as const);
  return {
    ...Object.fromEntries(await Promise.all(entries)),
    OTEL_EXPORTER_PROMETHEUS_PORT: await freePort(),
    OTEL_TRACES_EXPORTER: 'none',
  };
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** What `throughline doctor` says about the service. */
async function doctor(): Promise<readonly Finding[]> {
  const command = ['doctor', '--json', '--', 'node', ...register, 'service.mjs'];
  const child = spawn(process.execPath, ['node_modules/.bin/throughline', ...command], {
    cwd: folder,
    env: { ...environmentOfUser(), ...(await ports()) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  return JSON.parse(out).findings;
}

/** Starts a service, requests these, and returns its series of requests and its warnings. */
async function use(file: string, paths: Readonly<Record<string, string>>) {
  const env = await ports();
  const child = spawn(process.execPath, [...register, file], {
    cwd: folder,
    env: { ...environmentOfUser(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const warnings: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.includes('"level":"warn"')) warnings.push(line);
    });
  }
  for (const [name, path] of Object.entries(paths)) {
    const answer = () =>
      fetch(`http://localhost:${env[`PORT_${name}`]}${path}`).then((r) => r.text(), String);
    await expect.poll(answer).toBe('ok');
  }
  const metrics = await (await fetch(`http://localhost:${env.OTEL_EXPORTER_PROMETHEUS_PORT}/metrics`)).text();
  return { series: metrics.match(/^http_server_request_duration_seconds_count\{.*$/gm) ?? [], warnings };
}

test('the advice of the doctor for each framework, followed to the letter, leads to its routes', async () => {
  const missing = (await doctor()).filter(({ code }) => code === 'OBS_PLUGIN_MISSING');
  const advised = missing.map(({ fix }) => /^Run `npm install (@throughline\/\S+)`/.exec(fix)?.[1]);
  expect(advised.toSorted()).toEqual(names.map((name) => `@throughline/${name}`));

  // The registry does not have them: what npm would get from there are these tarballs.
  const files = names.map((name) => tarballs[name] as string);
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...files]);
  const paths = Object.fromEntries(names.map((name) => [name, `/${name}/7`]));
  const { series, warnings } = await use('service.mjs', paths);
  expect(series.map((line) => /http_route="([^"]*)"/.exec(line)?.[1]).toSorted()).toEqual(
    names.map((name) => `/${name}/:id`),
  );
  expect(warnings).toEqual([]);
  expect((await doctor()).filter(({ code }) => /PLUGIN|LIBRARY/.test(code))).toEqual([]);
});

test('a version that no plugin knows: the service runs, has no route, and one warning says so', async () => {
  const library = join(folder, 'future/node_modules/fastify');
  mkdirSync(library, { recursive: true });
  writeFileSync(
    join(library, 'package.json'),
    JSON.stringify({ name: 'fastify', version: '99.0.0', main: 'fastify.js' }),
  );
  writeFileSync(
    join(library, 'fastify.js'),
    `module.exports = (port) => require('node:http').createServer((_, response) => response.end('ok')).listen(port);`,
  );
  const service = join(folder, 'future/service.cjs');
  writeFileSync(service, "require('fastify')(Number(process.env.PORT_fastify));");
  const { series, warnings } = await use(service, { fastify: '/orders/7' });
  expect(series).toHaveLength(1);
  expect(series[0]).not.toContain('http_route');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('fastify 99.0.0');
});
