import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const folder = await mkdtemp(join(tmpdir(), 'throughline-bundle-'));
afterAll(() => rm(folder, { recursive: true }));

const expressService = (express: string) => `
  import express from '${express}';
  import { captureObservability } from '@throughline/core/testing';
  import { expressPlugin } from '@throughline/express';

  const app = express();
  app.use('/shop/:shop', express.Router().get('/orders/:id', (req, res) => res.send('ok')));
  const server = app.listen(0, async () => {
    const captured = captureObservability({ plugins: [expressPlugin({ modules: { express } })] });
    await fetch('http://127.0.0.1:' + server.address().port + '/shop/7/orders/9');
    const span = await captured.waitForSpan((span) => 'http.route' in span.attributes);
    console.log(span.name);
    process.exit();
  });
`;

const nestService = `
  import 'reflect-metadata';
  import { Controller, Get, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import * as exceptionsHandler from '@nestjs/core/exceptions/exceptions-handler.js';
  import { ExpressAdapter } from '@nestjs/platform-express';
  import express from 'express';
  import { captureObservability } from '@throughline/core/testing';
  import { expressPlugin } from '@throughline/express';

  class Cats { find() { throw new TypeError('broken cat'); } }
  Controller('cats')(Cats);
  Get(':name')(Cats.prototype, 'find', Object.getOwnPropertyDescriptor(Cats.prototype, 'find'));
  class App {}
  Module({ controllers: [Cats] })(App);

  NestFactory.create(App, new ExpressAdapter(), { logger: false }).then(async (app) => {
    await app.listen(0, '127.0.0.1');
    const captured = captureObservability({
      plugins: [
        expressPlugin({
          modules: { express, '@nestjs/core/exceptions/exceptions-handler.js': exceptionsHandler },
        }),
      ],
    });
    await fetch(await app.getUrl() + '/cats/tom');
    const span = await captured.waitForSpan((span) => 'http.route' in span.attributes);
    console.log(span.name, span.attributes['error.type']);
    process.exit();
  });
`;

async function runBundled(name: string, service: string, format: 'cjs' | 'esm'): Promise<string> {
  const file = join(folder, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  const source = (path: string) => join(import.meta.dirname, '../..', path);
  await build({
    stdin: { contents: service, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    outfile: file,
    alias: {
      '@throughline/core/plugin': source('core/src/plugin.ts'),
      '@throughline/core/testing': source('core/src/testing.ts'),
      '@throughline/express': source('express/src/index.ts'),
    },
    // What NestJS asks for and does without.
    external: ['@nestjs/microservices', '@nestjs/websockets', 'class-transformer', 'class-validator'],
    // CommonJS inside an ES module asks for a require.
    banner: {
      js:
        format === 'esm'
          ? "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
          : '',
    },
    logLevel: 'error',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 15_000 });
  return stdout.trim();
}

describe.each(['express', 'express4'])('a service bundled into one file with %s', (copy) => {
  test.concurrent.each(['cjs', 'esm'] as const)('as %s', async (format) => {
    expect(await runBundled(copy, expressService(copy), format)).toBe('GET /shop/:shop/orders/:id');
  });
});

test.concurrent('a service bundled into one file with NestJS', async () => {
  expect(await runBundled('nest', nestService, 'esm')).toBe('GET /cats/:name TypeError');
});
