import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { loadConfigFile } from './config-file.js';
import { loadInstalledPlugins } from './plugin-discovery.js';
import { serviceFolders } from './service-folders.js';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('throughline-service-folders-');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('a service is looked for', () => {
  const root = folderWith({
    'package.json': '{"name":"shop"}',
    'services/orders/package.json': '{"name":"orders"}',
    'services/orders/dist/package.json': '{"type":"module"}',
    'services/orders/dist/src/main.js': '',
    'services/unnamed/package.json': '{"private":true,"dependencies":{}}',
    'services/unnamed/main.js': '',
    'apps/bare/main.js': '',
  });
  const foldersOf = (script: string | undefined, folder = root) =>
    serviceFolders(script === undefined ? undefined : join(root, script), folder).map(
      (path) => relative(root, path) || '.',
    );

  test.each([
    [
      'from the folder of its script up to its package.json, then in the working directory',
      'services/orders/dist/src/main.js',
      ['services/orders/dist/src', 'services/orders/dist', 'services/orders', '.'],
    ],
    ['up to a package.json that has no name', 'services/unnamed/main.js', ['services/unnamed', '.']],
    ['up to that of the workspace, if it has none', 'apps/bare/main.js', ['apps/bare', 'apps', '.']],
    ['in a folder that is started as a whole', 'services/orders', ['services/orders', '.']],
    ['in the working directory alone, if it is an installed program', undefined, ['.']],
  ])('%s', (_, script, expected) => {
    expect(foldersOf(script)).toEqual(expected);
  });

  test('above a working directory inside of it', () => {
    expect(foldersOf(undefined, join(root, 'services/orders/dist'))).toEqual([
      'services/orders/dist',
      'services/orders',
    ]);
  });

  test('where a link leads to, and then where the link is', () => {
    const release = folderWith({ 'orders/main.js': '', 'orders/package.json': '{"name":"orders"}' });
    const current = folderWith({ 'package.json': '{"name":"current"}' });
    symlinkSync(join(release, 'orders/main.js'), join(current, 'main.js'));
    expect(serviceFolders(join(current, 'main.js'), current)).toEqual([join(release, 'orders'), current]);
  });

  test('and a folder that no longer exists is no problem', () => {
    expect(foldersOf('gone/main.js', join(root, 'gone'))).toEqual(['gone', '.']);
  });
});

test('the config file of the service goes before that of the workspace; without one, that of the workspace is taken', () => {
  const root = folderWith({
    'package.json': '{"name":"shop"}',
    'throughline.config.mjs': "export default { team: 'shop' };",
    'services/orders/package.json': '{"name":"orders"}',
    'services/orders/throughline.config.cjs': "module.exports = { team: 'orders' };",
    'services/stock/package.json': '{"name":"stock"}',
  });
  const configOf = (script: string) => loadConfigFile(serviceFolders(join(root, script), root));
  expect(configOf('services/orders/main.js')).toMatchObject({
    path: join(root, 'services/orders/throughline.config.cjs'),
    options: { team: 'orders' },
  });
  expect(configOf('services/stock/main.js')?.options).toEqual({ team: 'shop' });
});

test('plugins are those of the service and those of the workspace; of two copies, that of the service', () => {
  const plugin = (name: string) => `exports.throughlinePlugin = () => ({ name: '${name}', setup() {} });`;
  const naming = (...names: string[]) =>
    JSON.stringify({ name: 'x', dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });
  const root = folderWith({
    'package.json': naming('throughline-plugin-a', 'throughline-plugin-c'),
    'node_modules/throughline-plugin-a/index.js': plugin('a of the workspace'),
    'node_modules/throughline-plugin-b/index.js': plugin('b, hoisted'),
    'node_modules/throughline-plugin-c/index.js': plugin('c of the workspace'),
    'services/orders/package.json': naming('throughline-plugin-b', 'throughline-plugin-a'),
    'services/orders/node_modules/throughline-plugin-a/index.js': plugin('a of the service'),
  });
  const { plugins, problems } = loadInstalledPlugins(
    serviceFolders(join(root, 'services/orders/main.js'), root),
  );
  expect(plugins.map(({ name }) => name)).toEqual(['a of the service', 'b, hoisted', 'c of the workspace']);
  expect(problems).toEqual([]);
});
