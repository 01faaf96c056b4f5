import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { AcmeClient } from '../../test/acme/acme-db.js';
import { faults } from '../../test/acme/acme-plugin.js';
import { acmeSubject } from '../../test/acme/acme-subject.js';
import { testDatabaseClient } from './test-database-client.js';

describe('a plugin that keeps the promises passes', () => testDatabaseClient(test, acmeSubject()));

describe('a plugin that breaks a promise fails the test of it', () => {
  const { get } = AcmeClient.prototype;

  test.each(Object.entries(faults))('%s: %s', async (fault, expected) => {
    const run = new Map<string, () => Promise<void>>();
    testDatabaseClient((name, body) => run.set(name, body), acmeSubject(fault as keyof typeof faults));
    const outcome = run
      .get(expected)?.()
      .then(
        () => 'passed',
        () => 'failed',
      );
    expect(await outcome).toBe('failed');
    // The faulty plugin may not have cleaned up.
    for (const mark of Object.getOwnPropertySymbols(AcmeClient.prototype)) {
      Reflect.deleteProperty(AcmeClient.prototype, mark);
    }
    AcmeClient.prototype.get = get;
  });
});

test('it runs in node:test', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-node-test-'));
  try {
    const outfile = join(folder, 'acme.cjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../../test/acme/acme.node-test.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
      logLevel: 'error',
    });
    // Node tells a test that it runs below another runner by this.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', outfile], { env });
    expect(stdout).toMatch(/^. fail 0$/m);
    expect(Number(/^. pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(12);
  } finally {
    await rm(folder, { recursive: true });
  }
});
