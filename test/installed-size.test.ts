import { lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, runIn } from './packed.mjs';

/* What a service pays on disk and in modules for core and the plugin of Express. */
let folder: string;
beforeAll(async () => {
  ({ folder } = await installPacked(['express@5.3.0'], { names: ['core', 'express'], installer: 'npm' }));
}, 400_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('core, the plugin of Express and Express take at most 22 MB', () => {
  expect(sizeBytes(join(folder, 'node_modules')) / 1e6).toBeLessThanOrEqual(22);
});

test.each([
  ['CommonJS', "require('@throughline/core')"],
  ['register', "require('@throughline/core/register')"],
])('%s: core evaluates at most 8 files beyond winston, prom-client and the API', async (_name, load) => {
  writeFileSync(
    join(folder, 'count.cjs'),
    `require('winston'); require('winston-transport'); require('prom-client'); require('@opentelemetry/api');
    const before = Object.keys(require.cache).length;
    ${load};
    console.log('MODULES ' + (Object.keys(require.cache).length - before));
    process.exit(0);`,
  );
  const output = await runIn(folder, process.execPath, ['count.cjs']);
  const modules = Number(/MODULES (\d+)/.exec(output)?.[1]);
  expect(modules).toBeGreaterThan(0);
  expect(modules).toBeLessThanOrEqual(8);
});

test('register and the plugins that it finds load one copy of core', async () => {
  writeFileSync(
    join(folder, 'copies.cjs'),
    `const { Session } = require('node:inspector');
    console.log('PLUGINS', require('@throughline/core').getObservability().plugins.join());
    const session = new Session();
    session.connect();
    session.on('Debugger.scriptParsed', ({ params: { url } }) => {
      if (/core\\/dist\\/start\\.c?js$/.test(url)) console.log('COPY ' + url);
    });
    session.post('Debugger.enable', () => process.exit(0));`,
  );
  const output = await runIn(folder, process.execPath, [
    '--import',
    '@throughline/core/register',
    'copies.cjs',
  ]);
  expect(output).toContain('PLUGINS express');
  expect(output.match(/^COPY .*$/gm)).toHaveLength(1);
});

function sizeBytes(path: string): number {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeBytes(join(path, name)), 0);
}
