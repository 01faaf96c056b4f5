/* Pictures of the code show what the code is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readStoreys } from './storeys.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('all imports between storeys go down, and each storey is used from above', () => {
  const { storeys, imports } = readStoreys(root);
  const names = storeys.map(({ name }) => name);
  for (const { from, to } of imports) expect(names.indexOf(from)).toBeLessThan(names.indexOf(to));
  expect(new Set(imports.map(({ to }) => to))).toEqual(new Set(names.slice(1)));
});

test('the storeys that CONTRIBUTING.md shows are those of the rules', () => {
  const picture = /^```text\n(entries [\s\S]*?)^```/m.exec(
    readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'),
  )?.[1];
  const shown = new Set(
    Array.from(
      (picture ?? '').matchAll(/\b([a-z-]+)\/|\b([a-z]+)\.ts\b/g),
      ([, folder, entry]) => folder ?? entry,
    ),
  );
  // init.ts is named for what is in it.
  shown.delete('init');
  const { storeys } = readStoreys(root);
  const expected = new Set(storeys.flatMap(({ name, parts }) => (name === 'packages' ? [] : parts)));
  expect([...shown].sort()).toEqual([...expected].sort());
});
