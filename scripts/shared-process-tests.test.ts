import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sharedProcessTests } from './shared-process-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

test('every file that shares a process is there, once', () => {
  const files = sharedProcessTests();
  expect(files.length).toBeGreaterThan(50);
  expect(new Set(files).size).toBe(files.length);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
