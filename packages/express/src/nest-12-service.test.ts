import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'throughline-nest-'));
afterAll(() => rm(folder, { recursive: true }));

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
        '@throughline/core/plugin': source('core/src/plugin.ts'),
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
  ])(
    '%s: runs, and the exception of its first request is recorded',
    async (_, args) => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
        cwd: join(folder, 'service'),
        // A busy machine is late, not wrong.
        timeout: 100_000,
      });
      expect(stdout.trim()).toBe('GET /cats/:name TypeError');
      expect(stderr).toBe('');
    },
    120_000,
  );
});
