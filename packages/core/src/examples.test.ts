import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { examplesOfPage, examplesOfSource, filesIn, typeCheck } from '../test/examples/examples.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const isSource = (path: string) => /^packages\/[^/]+\/src\//.test(path) && !path.endsWith('.test.ts');

const examples = Object.fromEntries(
  [
    ...filesIn(root, '.', '.md', false),
    ...['docs', 'packages', 'examples'].flatMap((folder) => filesIn(root, folder, '.md')),
  ]
    // Generated pages repeat doc comments, which are read below.
    .filter((page) => !page.startsWith('docs/reference/'))
    .flatMap((page) => examplesOfPage(root, page))
    .concat(
      filesIn(root, 'packages', '.ts')
        .filter(isSource)
        .flatMap((path) => examplesOfSource(root, path)),
    )
    .map(({ place, code }) => [place, code]),
);

const wrong = {
  'a wrong option': "initObservability({ servceName: 'orders' });",
  'a wrong label': "counter({ name: 'a_total', help: 'A', labelNames: ['channel'] }).inc({ chanel: 'web' });",
  increment: "counter({ name: 'a_total', help: 'A' }).increment();",
  add: "gauge({ name: 'a', help: 'A' }).add(1);",
  record: "histogram({ name: 'a_seconds', help: 'A' }).record(1);",
  observe: "gauge({ name: 'a', help: 'A', observe: () => 1 });",
};

const moved = Array.from(
  readFileSync(join(root, 'packages/core/src/moved-to-plugin.ts'), 'utf8').matchAll(/export type (\w+) =/g),
  ([, name]) => name as string,
);
const useOf = (name: string) =>
  `import type { ${name} } from '@throughline/core'; declare const given: ${name}; export const used: { never: 1 } = given;`;
const pluginFrom = (entry: string) => `import type { ObservabilityPlugin } from '${entry}';
  export const nats: ObservabilityPlugin = { name: 'nats', setup(context) { context.logger.info('hi'); } };`;
const movedNames = {
  ...Object.fromEntries(moved.map((name) => [`moved ${name}`, useOf(name)])),
  'old plugin': pluginFrom('@throughline/core'),
  'new plugin': pluginFrom('@throughline/core/plugin'),
  'all new': `import type { ${moved.join(', ')} } from '@throughline/core/plugin'; export type All = [${moved.join(', ')}];`,
};

/** What the compiler says, by module; one run for all, which is most of the time. */
let found: ReturnType<typeof typeCheck>;
beforeAll(() => {
  found = typeCheck(root, { ...examples, ...wrong, ...movedNames });
}, 180_000);
const said = (name: string) => found[name]?.join('\n');

test('every example compiles: of the README, the docs, the packages and the doc comments', () => {
  expect(Object.keys(examples).length).toBeGreaterThan(60);
  const expected = new Set(Object.keys({ ...wrong, ...movedNames }));
  expect(Object.entries(found).filter(([name]) => !expected.has(name))).toEqual([]);
});

test('an example that does not compile would be found', () => {
  expect(said('a wrong option')).toContain("'serviceName'");
  expect(said('a wrong label')).toContain("Did you mean to write 'channel'?");
});

test('what other libraries call differently is a compile error that names the right call', () => {
  expect(said('increment')).toContain('inc(labels, value)');
  expect(said('add')).toContain('inc(labels, value)');
  expect(said('record')).toContain('observe(labels, value)');
  expect(said('observe')).toContain("'observe' does not exist in type 'GaugeConfiguration");
});

test('a type for authors of plugins, imported from the main entry, is a compile error that names the new entry', () => {
  expect(moved).toContain('ObservabilityPlugin');
  for (const name of [...moved.map((name) => `moved ${name}`), 'old plugin']) {
    expect(said(name), name).toContain('MovedTo<"@throughline/core/plugin">');
  }
  expect(said('new plugin')).toBeUndefined();
  expect(said('all new')).toBeUndefined();
});
