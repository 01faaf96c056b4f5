import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { findInstalledCopies, packageFolder } from './package-copies.js';

function tree(files: Record<string, string>): string {
  const root = temporaryFolder('throughline-installed-');
  for (const [path, version] of Object.entries(files)) {
    const file = join(root, path, 'package.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ name: 'x', version }));
  }
  return root;
}

async function copiesIn(root: string, folder = root) {
  const copies = await findInstalledCopies(['@opentelemetry/api', 'pg'], folder);
  return copies.map((copy) => `${copy.name} ${copy.version} ${relative(root, copy.folder)}`);
}

test('npm: at the top and inside of others, scoped ones too', async () => {
  const root = tree({
    'node_modules/@opentelemetry/api': '1.9.1',
    'node_modules/a/node_modules/@opentelemetry/api': '1.8.0',
    'node_modules/@b/c/node_modules/d/node_modules/@opentelemetry/api': '1.7.0',
    'node_modules/pg': '8.0.0',
    'node_modules/other': '1.0.0',
  });
  expect(await copiesIn(root)).toEqual([
    '@opentelemetry/api 1.7.0 node_modules/@b/c/node_modules/d/node_modules/@opentelemetry/api',
    '@opentelemetry/api 1.9.1 node_modules/@opentelemetry/api',
    '@opentelemetry/api 1.8.0 node_modules/a/node_modules/@opentelemetry/api',
    'pg 8.0.0 node_modules/pg',
  ]);
});

test('pnpm: what the service can reach through links, each once, and nothing else of the store', async () => {
  const inStore = (entry: string, name: string) => join('node_modules/.pnpm', entry, 'node_modules', name);
  const api = (version: string) => inStore(`@opentelemetry+api@${version}`, '@opentelemetry/api');
  const root = tree({
    [api('1.9.1')]: '1.9.1',
    [api('1.8.0')]: '1.8.0',
    [api('1.7.0')]: '1.7.0',
    [inStore('old-team@1.0.0', 'old-team')]: '1.0.0',
    'services/orders': '1.0.0',
  });
  const link = (from: string, to: string) => {
    mkdirSync(dirname(join(root, from)), { recursive: true });
    symlinkSync(join(root, to), join(root, from));
  };
  link('services/orders/node_modules/@opentelemetry/api', api('1.9.1'));
  link('services/orders/node_modules/old-team', inStore('old-team@1.0.0', 'old-team'));
  link(inStore('old-team@1.0.0', '@opentelemetry/api'), api('1.8.0'));
  const copies = await copiesIn(root, join(root, 'services/orders'));
  expect(copies.map((text) => text.split(' ')[1])).toEqual(['1.8.0', '1.9.1']);
});

test('a workspace: what is above is found, the insides of the neighbours are not', async () => {
  const root = tree({
    'node_modules/@opentelemetry/api': '1.9.1',
    'node_modules/neighbour/node_modules/@opentelemetry/api': '1.8.0',
    'services/orders': '1.0.0',
    'services/orders/node_modules/pg': '8.0.0',
  });
  expect(await copiesIn(root, join(root, 'services/orders'))).toEqual([
    '@opentelemetry/api 1.9.1 node_modules/@opentelemetry/api',
    'pg 8.0.0 services/orders/node_modules/pg',
  ]);
  expect(packageFolder(join(root, 'services/orders/src/deep/main.js'))).toBe(join(root, 'services/orders'));
});

test('a link that leads in a circle, and a manifest that is no JSON', async () => {
  const root = tree({ 'node_modules/a/node_modules/pg': '7.0.0' });
  symlinkSync(join(root, 'node_modules'), join(root, 'node_modules/a/node_modules/again'));
  mkdirSync(join(root, 'node_modules/pg'));
  writeFileSync(join(root, 'node_modules/pg/package.json'), '{');
  expect(await copiesIn(root)).toEqual(['pg 7.0.0 node_modules/a/node_modules/pg']);
});
