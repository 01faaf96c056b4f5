/* The check of the workflows finds what would go wrong only on GitHub. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backendProgram } from '../testbed/src/backend-programs.mjs';

const program = fileURLToPath(new URL('check-workflows.mjs', import.meta.url));
const pinned = `actions/checkout@${'a'.repeat(40)} # v6.0.2`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-workflows-'));
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(uses: string, runner = 'ubuntu-latest') {
  writeFileSync(
    join(folder, '.github/workflows/ci.yaml'),
    `on: push\njobs:\n  test:\n    runs-on: ${runner}\n    steps:\n      - uses: ${uses}\n`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

it('passes a workflow whose actions are pinned', () => {
  expect(check(pinned)).toMatchObject({ status: 0 });
});

it.each(['actions/checkout@v6', `actions/checkout@${'a'.repeat(40)}`, 'actions/checkout@main # v6.0.2'])(
  'fails for an action that is not pinned: %s',
  (uses) => {
    const { status, output } = check(uses);
    expect(status).toBe(1);
    expect(output).toContain('is not pinned');
  },
);

it.skipIf(!backendProgram('actionlint'))('fails for what actionlint finds', () => {
  const { status, output } = check(pinned, 'ubuntu-30.04');
  expect(status).toBe(1);
  expect(output).toContain('label "ubuntu-30.04" is unknown');
});
