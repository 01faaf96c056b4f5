/*
 * The client of pg in C, on libpq (`pg.native`), which is compiled when it is installed: it needs a compiler and
 * pg_config (on Debian libpq-dev). The packages must be built: npm run build.
 *
 *   npm run test:pg-native
 */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { installPacked, runIn } from '../packed.mjs';

const work = temporaryFolder();
const processes = createProcesses();
let folder;
try {
  ({ folder } = await installPacked(['pg@8', 'pg-native@3'], { names: ['core', 'db'], installer: 'npm' }));
  // Newer versions of npm run no script of a dependency unasked; older ones have run it, and know no such command.
  await runIn(folder, 'npm', ['install-scripts', 'approve', 'libpq']).catch(() => {});
  await runIn(folder, 'npm', ['rebuild', 'libpq', '--foreground-scripts']);
  cpSync(fileURLToPath(new URL('service.mjs', import.meta.url)), join(folder, 'service.mjs'));
  const { url } = await startPostgres({ processes, folder: work });
  process.env.POSTGRES_URL = url;
  for (const when of ['before', 'after']) {
    const found = JSON.parse(
      (await runIn(folder, process.execPath, ['service.mjs', when])).trim().split('\n').at(-1),
    );
    const { metrics, ...cases } = found;
    for (const [name, { spans }] of Object.entries(cases)) {
      assert.equal(spans.length, 1, `${name}: ${JSON.stringify(spans)}`);
      assert.equal(spans[0].isChild, true, name);
      assert.equal(spans[0].system, 'postgresql', name);
      assert.equal(spans[0].errorType === undefined, name !== 'error', `${name}: ${spans[0].errorType}`);
    }
    assert.equal(cases.promise.spans[0].name, 'SELECT pg_class');
    assert.equal(cases.pool.result, 1);
    assert.equal(cases.values.result, 7);
    assert.deepEqual(cases.callback.result, [1, true]);
    assert.match(cases.error.result, /nowhere/);
    assert.match(metrics, /db_client_operation_duration_seconds_count\{[^}]*db_collection_name="pg_class"/);
    assert.match(metrics, /db_client_connection_count\{/);
    console.log(`ok ${when} initObservability: ${Object.keys(cases).join(', ')}`);
  }
} finally {
  await processes.stopAll();
  if (folder) rmSync(folder, { recursive: true, force: true });
}
