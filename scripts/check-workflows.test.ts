/* The check of the workflows finds what would go wrong only on GitHub. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { backendProgram } from '../testbed/src/backend-programs.mjs';
import { supportedNodes } from '../testbed/src/nodes.mjs';

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

describe('the workflow `ci`', () => {
  const read = (name: string) => readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8');
  const { jobs } = parse(read('.github/workflows/ci.yaml'));

  it.each(['everything', 'check'])('runs the job %s on every line of Node that is supported', (job) => {
    expect(jobs[job].strategy.matrix.node).toEqual(
      supportedNodes.map((version) => Number.parseInt(version, 10)),
    );
  });

  it('runs what the repository itself calls CI, and the quick checks where that cannot run', () => {
    const commands = (job: string) => jobs[job].steps.map(({ run = '' }: { run?: string }) => run).join('\n');
    expect(commands('everything')).toContain('.ci/run');
    expect(commands('check')).toContain('npm run check');
    expect(jobs.check.strategy.matrix.os).toEqual(['macos-latest', 'windows-latest']);
  });
});

it('packages ask for the oldest Node that is tested', () => {
  const { engines } = JSON.parse(
    readFileSync(fileURLToPath(new URL('../packages/core/package.json', import.meta.url)), 'utf8'),
  );
  expect(`>=${supportedNodes[0]}`.startsWith(engines.node.replace(/\.0$/, '.'))).toBe(true);
});
