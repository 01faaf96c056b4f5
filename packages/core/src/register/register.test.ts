import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCore } from '../../test/built-core.js';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { loadConfigFile } from '../service-folder/config-file.js';
import { loadInstalledPlugins } from '../service-folder/plugin-discovery.js';

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder('throughline-register-');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('throughline.config', () => {
  test.each([
    ['throughline.config.mjs', "export default { serviceName: 'configured' };"],
    ['throughline.config.cjs', "module.exports = { serviceName: 'configured' };"],
    ['throughline.config.js', "module.exports = { serviceName: 'configured' };"],
  ])('%s', (name, content) => {
    const file = loadConfigFile([folderWith({ [name]: content })]);
    expect(file).toEqual({
      path: expect.stringContaining(name),
      options: { serviceName: 'configured' },
      problem: undefined,
    });
  });

  test('none', () => {
    expect(loadConfigFile([folderWith({})])).toBeUndefined();
  });

  test.each([
    ['one that throws', "throw new Error('no such secret');", /no such secret/],
    ['one without an object', "export default 'orders';", /not an object of options/],
    ['one with a syntax error', 'export default {', /Unexpected end of input/],
  ])('%s is a problem, not an exception', (_name, content, reason) => {
    const file = loadConfigFile([folderWith({ 'throughline.config.mjs': content })]);
    expect(file?.options).toEqual({});
    expect(file?.problem?.code).toBe('OBS_CONFIG_FILE_INVALID');
    expect(file?.problem?.message).toMatch(reason);
  });
});

describe('installed plugins', () => {
  const plugin = (name: string) => `exports.throughlinePlugin = () => ({ name: '${name}', setup() {} });`;

  test('are those that package.json names, by their name, in order', () => {
    const folder = folderWith({
      'package.json': JSON.stringify({
        dependencies: {
          'throughline-plugin-nats': '1',
          '@throughline/core': '1',
          express: '5',
          '@acme/throughline-plugin-soap': '1',
        },
        devDependencies: { '@throughline/kafka': '1' },
      }),
      'node_modules/throughline-plugin-nats/index.js': plugin('nats'),
      'node_modules/@acme/throughline-plugin-soap/index.js': plugin('soap'),
      'node_modules/@throughline/kafka/index.js': plugin('kafka'),
      'node_modules/throughline-plugin-unlisted/index.js': plugin('unlisted'),
    });
    const { plugins, problems } = loadInstalledPlugins([folder]);
    expect(plugins.map(({ name }) => name)).toEqual(['soap', 'kafka', 'nats']);
    expect(problems).toEqual([]);
  });

  test('one that is broken or missing is a problem; the others are taken', () => {
    const folder = folderWith({
      'package.json': JSON.stringify({
        dependencies: {
          'throughline-plugin-a': '1',
          'throughline-plugin-b': '1',
          'throughline-plugin-c': '1',
          'throughline-plugin-d': '1',
        },
      }),
      'node_modules/throughline-plugin-a/index.js': "throw new Error('broken');",
      'node_modules/throughline-plugin-b/index.js': '',
      'node_modules/throughline-plugin-d/index.js': plugin('d'),
    });
    const { plugins, problems } = loadInstalledPlugins([folder]);
    expect(plugins.map(({ name }) => name)).toEqual(['d']);
    expect(problems.map(({ code, message }) => `${code} ${message.split('\n')[0]}`)).toEqual([
      "OBS_PLUGIN_NOT_LOADED The installed plugin 'throughline-plugin-a' could not be loaded: broken.",
      "OBS_PLUGIN_NOT_LOADED The installed plugin 'throughline-plugin-b' could not be loaded: it does not export 'throughlinePlugin'.",
      expect.stringContaining("Cannot find module 'throughline-plugin-c'"),
    ]);
  });

  test('a folder without package.json has none', () => {
    expect(loadInstalledPlugins([folderWith({})])).toEqual({ plugins: [], problems: [] });
  });
});

test('the entry starts with the config file, and the environment goes before it', async () => {
  const core = await buildCore('register-entry-test');
  writeFileSync(
    join(core.folder, 'throughline.config.mjs'),
    "export default { serviceName: 'configured', team: 'blue', typo: 1, metrics: { endpoint: false } };",
  );
  writeFileSync(join(core.folder, 'main.mjs'), 'await new Promise((resolve) => setTimeout(resolve, 50));');
  const { stderr } = spawnSync(process.execPath, ['--import', '@throughline/core/register', 'main.mjs'], {
    cwd: core.folder,
    encoding: 'utf8',
    env: { ...process.env, OTEL_SERVICE_NAME: 'deployed' },
  });
  core.remove();
  expect(stderr).toContain('"service_name":"deployed"');
  expect(stderr).toContain('"team":"blue"');
  expect(stderr).toContain('"code":"OBS_CONFIG_FILE_INVALID"');
});
