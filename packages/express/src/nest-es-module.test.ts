import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitNestEsModule, findNestEsModule } from './nest-es-module.js';

const packageFolder = join(import.meta.dirname, '..');
const handlerOf12 = createRequire(import.meta.url).resolve('@nestjs/core/exceptions/exceptions-handler.js');
const folder = await mkdtemp(join(tmpdir(), 'throughline-nest-'));
afterAll(() => rm(folder, { recursive: true }));

describe('the NestJS of a service', () => {
  const inFolder = async (name: string, files: Readonly<Record<string, string>>) => {
    const inner = join(folder, name, 'dist');
    await mkdir(inner, { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), text);
    return inner;
  };

  test('is the one that the nearest package.json names', () => {
    expect(findNestEsModule([join(packageFolder, 'src')])).toBe(handlerOf12);
    expect(findNestEsModule([tmpdir(), packageFolder])).toBe(handlerOf12);
  });

  test('is none where none is named, though it could be resolved', async () => {
    await symlink(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
    const none = await inFolder('none', { 'package.json': '{"dependencies":{"express":"*"}}' });
    const named = await inFolder('named', { 'package.json': '{"dependencies":{"@nestjs/core":"*"}}' });
    expect(findNestEsModule([none])).toBe(undefined);
    expect(findNestEsModule([none, named])).toBe(handlerOf12);
  });

  test('is found above a package.json that is no JSON', async () => {
    await inFolder('broken', { 'package.json': '{"devDependencies":{"@nestjs/core":"*"}}' });
    const broken = await inFolder('broken/inner', { 'package.json': 'none' });
    expect(findNestEsModule([broken])).toBe(handlerOf12);
  });

  test('is none where what is installed has no such file', async () => {
    const other = await inFolder('other', { 'package.json': '{"dependencies":{"@nestjs/core":"*"}}' });
    const installed = join(folder, 'other/node_modules/@nestjs/core');
    await mkdir(installed, { recursive: true });
    const manifest = { type: 'module', version: '12.9.9', exports: { './package.json': './package.json' } };
    await writeFile(join(installed, 'package.json'), JSON.stringify(manifest));
    expect(findNestEsModule([other])).toBe(undefined);
  });

  test('is found in the oldest version of ES modules, and not where it is CommonJS', async () => {
    const installed = (name: string) => realpath(join(packageFolder, 'node_modules', name));
    expect(findNestEsModule([await installed('nest-12-oldest')])).toContain('core@12.0.4');
    expect(findNestEsModule([await installed('nest-11')])).toBe(undefined);
  });
});

describe('a module that can only be imported', async () => {
  // This one is CommonJS, so that what `require` gives of it is no ES module.
  const installed = await realpath(join(packageFolder, 'node_modules/nest-11'));
  const file = createRequire(join(installed, 'package.json')).resolve(
    '@nestjs/core/exceptions/exceptions-handler.js',
  );
  const arrival = () => import(pathToFileURL(file).href).then(() => new Promise(setImmediate));

  function awaitModule(awaitedFile = file) {
    const calls: unknown[] = [];
    const patch = (moduleExports: unknown) => {
      calls.push(Object.keys(moduleExports as object).includes('ExceptionsHandler'));
      return () => calls.push('taken back');
    };
    return { calls, ...awaitNestEsModule(awaitedFile, patch, (error) => calls.push(error)) };
  }

  beforeAll(() => import('reflect-metadata'));

  test('is patched when it arrives, once, and taken back', async () => {
    const { calls, onRequest, stop } = awaitModule();
    onRequest();
    onRequest();
    expect(calls).toEqual([]);
    await arrival();
    expect(calls).toEqual([true]);
    stop();
    expect(calls).toEqual([true, 'taken back']);
  });

  test('is not patched when it arrives after the end', async () => {
    const { calls, onRequest, stop } = awaitModule();
    onRequest();
    stop();
    await arrival();
    expect(calls).toEqual([]);
  });

  test('is let go when it cannot be loaded', async () => {
    const { calls, onRequest } = awaitModule(join(folder, 'none.js'));
    onRequest();
    await expect.poll(() => calls).toMatchObject([{ code: 'ERR_MODULE_NOT_FOUND' }]);
  });
});

describe('a service on NestJS 12', () => {
  const service = (format: 'esm' | 'cjs') => {
    const name = (path: string) => (format === 'esm' ? `from '${path}'` : `= require('${path}')`);
    const [bring, as] = format === 'esm' ? ['import', ' as '] : ['const', ': '];
    return `
      ${bring} { Controller, Get, Module } ${name('@nestjs/common')};
      ${bring} { NestFactory${as}Factory } ${name('@nestjs/core')};

      class Cats { find() { throw new TypeError('broken cat'); } }
      Controller('cats')(Cats);
      Get(':name')(Cats.prototype, 'find', Object.getOwnPropertyDescriptor(Cats.prototype, 'find'));
      class App {}
      Module({ controllers: [Cats] })(App);

      Factory.create(App, { logger: false }).then(async (app) => {
        await app.listen(0, '127.0.0.1');
        await fetch(await app.getUrl() + '/cats/tom');
        const span = await captured.waitForSpan((span) => 'http.route' in span.attributes);
        console.log(span.name, span.attributes['error.type']);
        process.exit();
      });
    `;
  };

  beforeAll(async () => {
    const source = (path: string) => join(packageFolder, '..', path);
    await mkdir(join(folder, 'service'));
    await symlink(join(packageFolder, 'node_modules'), join(folder, 'service/node_modules'));
    const files = {
      'package.json': '{"dependencies":{"@nestjs/core":"^12.0.0"}}',
      'init.mjs': "import './init.cjs';",
      'first.mjs': `import './init.cjs'; ${service('esm')}`,
      'preloaded.mjs': service('esm'),
      'late.mjs': `
        import './init.cjs';
        import express from 'express';
        const server = express().listen(0, '127.0.0.1', async () => {
          await fetch('http://127.0.0.1:' + server.address().port);
          await import('./preloaded.mjs');
        });
      `,
      'first.cjs': `require('./init.cjs'); ${service('cjs')}`,
      'last.cjs': `${service('cjs')} require('./init.cjs');`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'service', name), text);
    await build({
      stdin: {
        contents: `
          import { captureObservability } from '@throughline/core/testing';
          import { expressPlugin } from '@throughline/express';
          globalThis.captured = captureObservability({ plugins: [expressPlugin()] });
        `,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(folder, 'service/init.cjs'),
      alias: {
        '@throughline/core/testing': source('core/src/testing.ts'),
        '@throughline/express': source('express/src/index.ts'),
      },
      logLevel: 'error',
    });
  });

  test.concurrent.each([
    ['an ES module, init first', ['first.mjs']],
    ['an ES module, init preloaded', ['--import', './init.mjs', 'preloaded.mjs']],
    ['an ES module that is loaded after requests to another app', ['late.mjs']],
    ['CommonJS, init first', ['first.cjs']],
    ['CommonJS, init last', ['last.cjs']],
  ])('%s: runs, and the exception of its first request is recorded', async (_, args) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      cwd: join(folder, 'service'),
      timeout: 15_000,
    });
    expect(stdout.trim()).toBe('GET /cats/:name TypeError');
    expect(stderr).toBe('');
  });
});
