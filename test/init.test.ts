import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProcesses } from '@throughline/testbed/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf, moveOver, throughline } from './init/move-over.mjs';
import { startRegistry } from './init/registry.mjs';
import { installPacked, pack, runIn } from './packed.mjs';

/*
 * `throughline init` as a user has it, with a registry that serves the packed packages: it installs, the service that it
 * changed starts and is observed, and --undo restores all files. `npm run test:init` moves published services over.
 */
const processes = createProcesses();
const place = mkdtempSync(join(tmpdir(), 'throughline-init-'));
let command: string;
let registry: Awaited<ReturnType<typeof startRegistry>>;

beforeAll(async () => {
  registry = await startRegistry(await pack(['core', 'express', 'fastify'], place));
  const { folder } = await installPacked([], { names: ['cli'] });
  command = join(folder, 'node_modules/throughline/bin/throughline.js');
});
afterAll(async () => {
  await processes.stopAll();
  registry?.close();
  rmSync(place, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(place, 'service-'));
  for (const [name, text] of Object.entries({ ...files, '.npmrc': registry.npmrc })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('an Express service in CommonJS with npm is observed after init, and as before after --undo', async () => {
  const folder = folderWith({
    'package.json': `${JSON.stringify({ name: 'orders', version: '1.2.3', private: true, scripts: { start: 'node server.js' }, dependencies: { express: '5.3.0' } }, null, '\t')}\n`,
    'server.js': `'use strict';
const express = require('express');
const app = express();
app.get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
app.listen(process.env.PORT);
`,
  });
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  const before = filesOf(folder);
  const { init, metrics, spans } = await moveOver({
    ...{ processes, folder, command, serviceName: 'orders', path: '/orders/7' },
    start: () => ['npm', 'start'],
  });
  expect(init.output).toMatch(/✓ orders|no error/);
  expect(init.code).toBe(0);
  expect(spans?.map(({ name }) => name)).toContain('GET /orders/:id');
  expect(metrics).toMatch(/http_server_request_duration_seconds_count\{[^}]*team="checkout"/);

  expect((await throughline(command, ['init', '--yes'], folder)).output).toContain('Already there');
  expect(await throughline(command, ['init', '--undo'], folder)).toMatchObject({ code: 0 });
  expect(filesOf(folder)).toEqual(before);
});

test('a Fastify service in TypeScript, in a pnpm workspace with a contract, started from the root, is observed after init', async () => {
  const folder = folderWith({
    'package.json': JSON.stringify({ name: 'shop', private: true }),
    'pnpm-workspace.yaml': "packages: ['services/*', 'packages/*']\n",
    'packages/contract/package.json': JSON.stringify({
      ...{ name: '@acme/observability-contract', version: '1.0.0', type: 'module', exports: './index.js' },
    }),
    'packages/contract/index.js':
      "export const contract = { mode: 'error', identity: { team: { required: true, values: ['checkout'] } } };\n",
    'services/stock/package.json': JSON.stringify({ name: '@acme/stock', scripts: { start: 'node a.js' } }),
    'services/orders/package.json': `${JSON.stringify({ name: '@acme/orders', type: 'module', scripts: { start: 'tsx src/main.ts' }, dependencies: { fastify: '5.6.1', tsx: '4.20.6' } }, null, 2)}\n`,
    'services/orders/src/main.ts': `import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';

const app: FastifyInstance = Fastify();
app.get('/orders/:id', async () => ({}));
await app.listen({ port: Number(process.env.PORT) });
`,
  });
  const pnpm = join(place, 'bin/pnpm');
  mkdirSync(dirname(pnpm), { recursive: true });
  const script = fileURLToPath(new URL('../scripts/pnpm.mjs', import.meta.url));
  writeFileSync(pnpm, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(pnpm, 0o755);
  const before = filesOf(folder);
  const { init, metrics, spans } = await moveOver({
    ...{ processes, folder, command, serviceName: 'orders', path: '/orders/7' },
    args: ['--workspace', '@acme/orders'],
    env: { PATH: `${dirname(pnpm)}${delimiter}${process.env.PATH}` },
    // As an image does whose working directory is the root of the workspace.
    start: () => [join(folder, 'services/orders/node_modules/.bin/tsx'), 'services/orders/src/main.ts'],
  });
  expect(init.output).not.toContain('Error');
  expect(init.code).toBe(0);
  expect(spans?.map(({ name }) => name)).toContain('GET /orders/:id');
  expect(metrics).toContain('team="checkout"');

  const undone = await throughline(command, ['init', '--undo', '--workspace', '@acme/orders'], folder);
  expect(undone).toMatchObject({ code: 0 });
  expect(filesOf(folder)).toEqual(before);
});
