import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importDirection, unusedCode } from './structure-checks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
let copy: string;

/** A copy of the workspace in which each kind of fault is planted once. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'throughline-structure-'));
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  for (const file of files.trim().split('\n')) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
    const modules = join(dirname(file), 'node_modules');
    if (file.endsWith('package.json') && existsSync(join(root, modules)))
      symlinkSync(join(root, modules), join(copy, modules), 'junction');
  }
  plant('packages/core/src/model/upward.ts', "export { createHealth } from '../lifecycle/health.js';\n");
  plant('packages/core/src/brand-new/idea.ts', 'export const idea = 1;\n');
  plant('packages/core/src/http/uses-new.ts', "export { idea } from '../brand-new/idea.js';\n");
  plant('packages/db/src/one.ts', "export { two } from './two.js';\nexport const one = 1;\n");
  plant('packages/db/src/two.ts', "export { one } from './one.js';\nexport const two = 2;\n");
  plant('packages/db/src/sql/upwards.ts', "export type { DbPluginOptions } from '../db-plugin.js';\n");
  plant('packages/db/src/downwards.ts', "export { sanitize } from './sql/sanitize.js';\n");
  plant('packages/kafka/src/deep.ts', "export { version } from '../../core/src/model/version.js';\n");
  plant('packages/express/src/sideways.ts', "export { dbPlugin } from '../../db/src/index.js';\n");
  appendFileSync(join(copy, 'packages/core/src/timing/once.ts'), '\nexport const unusedExport = 1;\n');
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('an import that breaks a rule fails the check, with the reason of the rule', () => {
  const { status, said } = run(importDirection);
  expect(status).not.toBe(0);
  expect(said).toContain('model-names-only-what-is-below: packages/core/src/model/upward.ts');
  expect(said).toContain(
    'All storeys share the vocabulary, so it imports nothing from the storeys above it.',
  );
  expect(said).toContain('http-is-a-wing: packages/core/src/http/uses-new.ts');
  expect(said).toContain('A new folder gets its storey in .dependency-cruiser.mjs.');
  expect(said).toContain('no-cycle-of-files: packages/db/src/');
  expect(said).toContain('Two files that need each other are one idea in two places.');
  expect(said).toMatch(/no-cycle-of-folders: packages\/db\/src(\/sql)?, packages\/db\/src(\/sql)? /);
  expect(said).toContain('packages/db/src/sql/upwards.ts → packages/db/src/db-plugin.ts');
  expect(said).toContain('only-entries-from-outside: packages/kafka/src/deep.ts');
  expect(said).toContain('plugins-stand-alone: packages/express/src/sideways.ts');
}, 120_000);

test('an unused export and an unused file fail the check', () => {
  const { status, said } = run(unusedCode);
  expect(status).not.toBe(0);
  expect(said).toMatch(/unusedExport +packages\/core\/src\/timing\/once\.ts/);
  expect(said).toContain('packages/core/src/model/upward.ts');
}, 120_000);

function plant(file: string, code: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), code);
}

/** What a check says, in one line with single spaces: it wraps its reasons. */
function run([, ...args]: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.replace(/\s+/g, ' ') };
}
