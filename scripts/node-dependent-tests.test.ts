import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nodeDependentTests } from './node-dependent-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// vitest takes each as a part of a path, and does not say that one leads nowhere.
test.each(nodeDependentTests)('%s has tests', (part) => {
  const path = join(root, part);
  const tests = part.endsWith('/')
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
    : readdirSync(dirname(path)).filter((name) => name === basename(path));
  expect(tests.filter((name) => name.endsWith('.test.ts'))).not.toEqual([]);
});
