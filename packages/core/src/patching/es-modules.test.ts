import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { type AwaitedEsModule, createEsModules, findEsModule } from './es-modules.js';

const root = temporaryFolder('throughline-es-modules-');

let services = 0;
/** A service in a folder with `dist`, and what is installed for it. */
async function service(manifest: string, installed: Readonly<Record<string, string>> = {}) {
  const folder = join(root, `service-${services++}`);
  await mkdir(join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), manifest);
  for (const [file, text] of Object.entries(installed)) {
    await mkdir(join(folder, 'node_modules/late', file, '..'), { recursive: true });
    await writeFile(join(folder, 'node_modules/late', file), text);
  }
  return folder;
}
const named = '{"dependencies":{"late":"*"}}';
const late = (version: string, type = 'module') => ({
  'package.json': JSON.stringify({
    name: 'late',
    version,
    type,
    exports: { '.': './index.js', './*': './*' },
  }),
  'index.js': 'export class Late { greet() { return "hello"; } }',
  'lib/inner.js': 'export const inner = 1;',
});
const any = { name: 'late', isSupported: () => true };

describe('the ES module of a service', () => {
  test('is that of the nearest package.json, upwards from either folder, its main file or another', async () => {
    const folder = await service(named, late('2.1.0'));
    const elsewhere = await service('{}');
    const file = join(folder, 'node_modules/late/index.js');
    expect(findEsModule(any, [folder])).toMatchObject({ file, version: '2.1.0' });
    expect(findEsModule(any, [elsewhere, join(folder, 'dist')])?.file).toBe(file);
    expect(findEsModule({ ...any, file: 'lib/inner.js' }, [folder])?.file).toMatch(/lib.inner\.js$/);
  });

  test.each([
    [
      '.mjs next to CommonJS',
      'commonjs',
      { import: { types: './a.d.ts', default: './main.mjs' }, require: './main.js' },
    ],
    ['.js next to .cjs', 'module', { '.': { import: './main.js', require: './main.cjs' } }],
    [
      'under the condition of Node',
      'module',
      { '.': { browser: './b.js', node: { import: './main.js' }, default: './b.js' } },
    ],
  ])('is the file that importing gives: %s', async (_, type, exports) => {
    const manifest = JSON.stringify({ name: 'late', version: '2.0.0', type, exports, main: './main.cjs' });
    const source = 'export const a = 1;';
    const folder = await service(named, {
      'package.json': manifest,
      'main.mjs': source,
      'main.js': source,
      'main.cjs': '',
      'b.js': '',
    });
    expect(findEsModule(any, [folder])?.file).toMatch(/main\.m?js$/);
  });

  test('is reported if its version is not supported', async () => {
    const folder = await service(named, late('99.0.0'));
    const unsupported: unknown[] = [];
    const asked = {
      name: 'late',
      isSupported: () => false,
      onUnsupported: ({ version }: { version: string | undefined }) => unsupported.push(version),
    };
    expect(findEsModule(asked, [folder])).toBeUndefined();
    expect(unsupported).toEqual(['99.0.0']);
  });

  test('is none where none is named, installed, of that version, or an ES module', async () => {
    const isSupported = (version: string | undefined) => version?.startsWith('2.') === true;
    for (const folder of [
      await service('{"dependencies":{"other":"*"}}', late('2.0.0')),
      await service(named),
      await service(named, late('3.0.0')),
      await service(named, { ...late('2.0.0', 'commonjs'), 'index.js': 'exports.Late = class {};' }),
    ]) {
      expect(findEsModule({ name: 'late', isSupported }, [folder])).toBeUndefined();
    }
  });

  test.each([
    ['is no JSON', 'none'],
    ['says only what kind of modules a build has written', '{"type":"module"}'],
  ])('is found above a package.json that %s', async (_, manifest) => {
    const folder = await service(named, late('2.0.0'));
    await writeFile(join(folder, 'dist/package.json'), manifest);
    expect(findEsModule(any, [join(folder, 'dist')])).toBeDefined();
  });
});

test('the copy of the service goes before that of the working directory', async () => {
  const [folder, workspace] = [await service(named, late('2.0.0')), await service(named, late('1.0.0'))];
  const versions: unknown[] = [];
  const before = process.cwd;
  process.cwd = () => workspace;
  try {
    const esModules = createEsModules(folder);
    esModules.await({
      ...any,
      isLoaded: () => true,
      patch: (_, { version }) => versions.push(version),
      onFailure: (error) => versions.push(error),
    });
    esModules.onWork();
  } finally {
    process.cwd = before;
  }
  expect(versions).toEqual(['2.0.0']);
});

describe('when work comes', () => {
  function awaiting(folder: string, changed: Partial<AwaitedEsModule> = {}) {
    const esModules = createEsModules();
    const told: unknown[] = [];
    const stop = esModules.await(
      {
        ...any,
        isLoaded: () => true,
        patch: (moduleExports, { version }) => told.push([Object.keys(moduleExports), version]),
        onFailure: (error) => told.push(error),
        ...changed,
      },
      [folder],
    );
    return { ...esModules, stop, told };
  }

  test('a module is patched at once, and once only', async () => {
    const { onWork, told } = awaiting(await service(named, late('2.0.0')));
    expect(told).toEqual([]);
    onWork();
    expect(told).toEqual([[['Late'], '2.0.0']]);
    onWork();
    expect(told).toHaveLength(1);
  });

  test('nothing is loaded before the service has loaded it, however often work comes', async () => {
    let loaded = false;
    const { onWork, told } = awaiting(await service(named, late('2.0.0')), { isLoaded: () => loaded });
    for (let i = 0; i < 10; i++) onWork();
    expect(told).toEqual([]);
    loaded = true;
    onWork();
    expect(told).toHaveLength(1);
  });

  test('nothing is patched after the end', async () => {
    const { onWork, stop, told } = awaiting(await service(named, late('2.0.0')));
    stop();
    onWork();
    expect(told).toEqual([]);
  });

  test('a module that cannot be required yet is asked for three times', async () => {
    const broken = await service(named, { ...late('2.0.0'), 'index.js': 'throw new Error("broken");' });
    const { onWork, told } = awaiting(broken);
    onWork();
    onWork();
    expect(told).toEqual([]);
    onWork();
    expect(told).toEqual([expect.objectContaining({ message: 'broken' })]);
    onWork();
    expect(told).toHaveLength(1);
  });
});
