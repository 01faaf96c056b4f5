import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import type { ObservabilityPlugin } from '../plugin.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

/** A service's folder on disk with real packages in it, loaded by Node's own loaders. */
function project(
  packages: Record<string, { version: string; files: Record<string, string>; main?: string }>,
) {
  const root = temporaryFolder('throughline-modules-');
  for (const [folder, { version, files, main }] of Object.entries(packages)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    for (const [file, source] of Object.entries({
      'package.json': JSON.stringify({ name, version, main: main ?? 'index.js' }),
      ...files,
    })) {
      const path = join(root, folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, source);
    }
  }
  return { root, require: createRequire(join(root, 'main.js')) };
}

const db = "class Client { query(text) { return 'rows of ' + text; } }\nmodule.exports = { Client };\n";
type Db = { Client: new () => { query(text: string): string } };

/** A stock instrumentation as they are written: shimmer's wrap on a prototype. */
class DbInstrumentation extends InstrumentationBase {
  readonly patched: (string | undefined)[] = [];
  unpatched = 0;
  constructor(config = {}) {
    super('test-db-instrumentation', '1.0.0', config);
  }
  protected init() {
    return [
      new InstrumentationNodeModuleDefinition(
        'some-db',
        ['>=2.0.0 <4'],
        (moduleExports: Db, version) => {
          // The base class calls init before its fields exist.
          this.patched?.push(version);
          this._wrap(moduleExports.Client.prototype, 'query', (original) => {
            const instrumentation = this;
            return function query(this: unknown, text: string) {
              const span = instrumentation.tracer.startSpan(`query ${text}`);
              try {
                return `traced ${original.call(this as never, text)}`;
              } finally {
                span.end();
              }
            };
          });
          return moduleExports;
        },
        (moduleExports: Db) => {
          this.unpatched++;
          this._unwrap(moduleExports.Client.prototype, 'query');
        },
      ),
    ];
  }
}

let captured: CapturedObservability | undefined;
const capture = (options: CaptureOptions) => {
  captured = captureObservability(options);
  return captured;
};
afterEach(async () => {
  await captured?.stop();
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (file.includes('throughline-modules-')) delete cache[file];
});

let folder: ReturnType<typeof project>;
beforeEach(() => {
  folder = project({
    'node_modules/some-db': { version: '3.1.0', files: { 'index.js': db } },
    'node_modules/other/node_modules/some-db': { version: '2.5.0', files: { 'index.js': db } },
    'node_modules/old/node_modules/some-db': { version: '1.0.0', files: { 'index.js': db } },
    'node_modules/other': { version: '1.0.0', files: { 'index.js': "module.exports = require('some-db');" } },
    'node_modules/old': { version: '1.0.0', files: { 'index.js': "module.exports = require('some-db');" } },
  });
});

const queryOf = (loaded: unknown) => new (loaded as Db).Client().query('t');

describe('a stock instrumentation', () => {
  test.each([
    ['enabled, with hooks of its own', {}],
    ['not enabled', { enabled: false }],
  ])('%s: is applied once to what is loaded and to what is loaded later', async (_name, config) => {
    const early = folder.require('some-db');
    const instrumentation = new DbInstrumentation(config);
    const { spans, waitForSpan } = capture({ instrumentations: [instrumentation] });
    const late = folder.require('other');
    const tooOld = folder.require('old');

    expect(queryOf(early)).toBe('traced rows of t');
    expect(queryOf(late)).toBe('traced rows of t');
    expect(queryOf(tooOld)).toBe('rows of t');
    await waitForSpan((span) => span.name === 'query t');
    await captured?.observability.flush();
    expect(spans).toHaveLength(2);
    expect(instrumentation.patched).toEqual(['3.1.0', '2.5.0']);

    await captured?.stop();
    expect(queryOf(early)).toBe('rows of t');
    expect(queryOf(late)).toBe('rows of t');
    expect(instrumentation.unpatched).toBe(2);
  });

  test("reaches a module that an ES module's import brings later, without a loader", async () => {
    capture({ instrumentations: [new DbInstrumentation({ enabled: false })] });
    const importing = join(folder.root, 'importing.mjs');
    writeFileSync(
      importing,
      "import { Client } from 'some-db'; export const answer = new Client().query('esm');",
    );
    const { answer } = await import(/* @vite-ignore */ pathToFileURL(importing).href);
    expect(answer).toBe('traced rows of esm');
  });

  test('starts again after shutdown', async () => {
    const loaded = folder.require('some-db');
    const instrumentation = new DbInstrumentation({ enabled: false });
    for (let i = 0; i < 2; i++) {
      capture({ instrumentations: [instrumentation] });
      expect(queryOf(loaded)).toBe('traced rows of t');
      await captured?.stop();
      expect(queryOf(loaded)).toBe('rows of t');
    }
  });

  test('is given a bundled module by the plugin', async () => {
    const bundled: Db = {
      Client: class {
        query(text: string) {
          return `rows of ${text}`;
        }
      },
    };
    const plugin: ObservabilityPlugin = {
      name: 'db',
      setup: (context) =>
        context.instrument(new DbInstrumentation({ enabled: false }), { 'some-db': bundled }),
    };
    capture({ plugins: [plugin] });
    expect(queryOf(bundled)).toBe('traced rows of t');
    await captured?.stop();
    expect(queryOf(bundled)).toBe('rows of t');
  });

  test('one that throws while it patches is reported; the module works on without it', () => {
    class Failing extends DbInstrumentation {
      protected override init() {
        return [
          new InstrumentationNodeModuleDefinition('some-db', ['*'], () => {
            throw new Error('unknown shape');
          }),
        ];
      }
    }
    const loaded = folder.require('some-db');
    const { logLines } = capture({ instrumentations: [new Failing({ enabled: false })] });
    expect(queryOf(loaded)).toBe('rows of t');
    expect(logLines.find((line) => line.code === 'OBS_INSTRUMENTATION_FAILED')?.message).toBe(
      "'some-db' 3.1.0 could not be instrumented: unknown shape.",
    );
  });
});

test('inner files are patched, and replaced exports reach require and import', async () => {
  const { root, require } = project({
    'node_modules/@scope/queue': {
      version: '1.2.3',
      main: './lib/main.js',
      files: {
        'lib/main.js': "exports.send = (m) => require('./inner/send').send(m);",
        'lib/inner/send.js': 'exports.send = (m) => m;',
      },
    },
  });
  class Replacing extends InstrumentationBase {
    constructor() {
      super('replacing', '1.0.0', { enabled: false });
    }
    protected init() {
      return [
        new InstrumentationNodeModuleDefinition(
          '@scope/queue',
          ['1.x'],
          (moduleExports: { send(m: string): string }) => ({
            send: (m: string) => `main(${moduleExports.send(m)})`,
          }),
          undefined,
          [
            new InstrumentationNodeModuleFile(
              '@scope/queue/lib/inner/send.js',
              ['1.x'],
              (moduleExports: { send(m: string): string }) => {
                const { send } = moduleExports;
                moduleExports.send = (m) => `inner(${send(m)})`;
                return moduleExports;
              },
              () => {},
            ),
          ],
        ),
      ];
    }
  }
  capture({ instrumentations: [new Replacing()] });
  // The inner file is loaded by that call, long after the package.
  expect(require('@scope/queue').send('m')).toBe('main(inner(m))');
  const importing = join(root, 'importing.mjs');
  writeFileSync(importing, "import { send } from '@scope/queue'; export const answer = send('esm');");
  expect((await import(/* @vite-ignore */ pathToFileURL(importing).href)).answer).toBe('main(inner(esm))');
});

test('files are patched in the same order whether they are loaded before or after', () => {
  const packages = {
    'node_modules/layered': {
      version: '1.0.0',
      main: 'main.js',
      files: {
        'main.js': "exports.inner = require('./lib/inner.js');",
        'lib/inner.js': "exports.innermost = require('./innermost.js');",
        'lib/innermost.js': '',
      },
    },
  };
  class Ordered extends InstrumentationBase {
    readonly patched: string[] = [];
    constructor() {
      super('ordered', '1.0.0', { enabled: false });
    }
    protected init() {
      const patch = (name: string) => (moduleExports: object) => {
        this.patched.push(name);
        return moduleExports;
      };
      return [
        new InstrumentationNodeModuleDefinition(
          'layered',
          ['1.x'],
          patch('main'),
          undefined,
          ['inner', 'innermost'].map(
            (name) =>
              new InstrumentationNodeModuleFile(`layered/lib/${name}.js`, ['1.x'], patch(name), () => {}),
          ),
        ),
      ];
    }
  }
  const [before, after] = [new Ordered(), new Ordered()];
  project(packages).require('layered');
  capture({ instrumentations: [before, after] });
  expect(before.patched).toEqual(['innermost', 'inner', 'main']);
  after.patched.length = 0;
  project(packages).require('layered');
  expect(after.patched).toEqual(['innermost', 'inner', 'main']);
});

test("a plugin's own patch: versions respected, every copy once, taken back on shutdown", async () => {
  folder.require('some-db');
  const calls: (string | undefined)[] = [];
  let undone = 0;
  const plugin: ObservabilityPlugin = {
    name: 'own',
    setup: (context) =>
      context.patchModule({
        name: 'some-db',
        supportedVersions: ['>=2'],
        patch(_moduleExports, version) {
          calls.push(version);
          return () => {
            undone++;
          };
        },
      }),
  };
  capture({ plugins: [plugin] });
  folder.require('other');
  folder.require('old');
  folder.require('some-db');
  expect(calls).toEqual(['3.1.0', '2.5.0']);
  await captured?.stop();
  expect(undone).toBe(2);
});

test("a plugin's patch of an inner file", async () => {
  const { require } = project({
    'node_modules/framework': {
      version: '1.0.0',
      files: {
        'index.js': "exports.answer = () => new (require('./inner/handler').Handler)().handle();",
        'inner/handler.js': "exports.Handler = class { handle() { return 'plain'; } };",
      },
    },
  });
  const plugin: ObservabilityPlugin = {
    name: 'framework',
    setup: (context) =>
      context.patchModule({
        name: 'framework',
        file: 'inner/handler.js',
        supportedVersions: ['1.x'],
        patch(moduleExports) {
          const { prototype } = (moduleExports as { Handler: { prototype: { handle(): string } } }).Handler;
          const { handle } = prototype;
          prototype.handle = () => 'patched';
          return () => {
            prototype.handle = handle;
          };
        },
      }),
  };
  capture({ plugins: [plugin] });
  expect(require('framework').answer()).toBe('patched');
  await captured?.stop();
  expect(require('framework').answer()).toBe('plain');
});

test('a package that nobody watches is loaded as ever', () => {
  capture({});
  expect(() => folder.require('does-not-exist')).toThrow(/Cannot find module 'does-not-exist'/);
  expect(folder.require('other')).toBe(folder.require('other'));
});
