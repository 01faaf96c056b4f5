import assert from 'node:assert/strict';
import type { CapturedObservability } from './capture.js';
import { assertCallbackKeepsContext, seriesOf, seriesValue, spansUnder } from './request-under-test.js';
import type { DatabaseTest, TestedDatabasePool } from './tested-database-client.js';

/** Tests of a pool of at most one connection. */
export function poolTests(
  promise: (name: string, run: (o: DatabaseTest) => Promise<void>) => void,
  createPool: () => TestedDatabasePool,
): void {
  const callers = 5;

  promise('callers that wait for a connection keep their own spans and contexts', async (o) => {
    const captured = o.start();
    const pool = createPool();
    o.closing(() => pool.close());
    const requests = Array.from({ length: callers }, () =>
      spansUnder(captured, async () => {
        await pool.read();
        if (pool.readWithCallback) {
          await assertCallbackKeepsContext((done) => pool.readWithCallback?.(done), 'success');
        }
      }),
    );
    const each = pool.readWithCallback ? 2 : 1;
    for (const spans of await Promise.all(requests)) assert.equal(spans.length, each);
    const waited = await seriesValue(captured, 'db_client_connection_wait_time_seconds_count', labelOf(pool));
    assert.equal(waited, callers * each);
  });

  promise('a pool shows what is used, idle and waited for, until it is closed', async (o) => {
    const captured = o.start();
    const pool = createPool();
    let open = true;
    o.closing(() => (open ? pool.close() : undefined));
    await pool.read();
    assert.deepEqual(await stateOf(captured, pool), { used: 0, idle: 1, pending: 0 });
    if (pool.acquire) {
      const first = await pool.acquire();
      const acquiring = pool.acquire();
      assert.deepEqual(await stateOf(captured, pool), { used: 1, idle: 0, pending: 1 });
      await first.release();
      await (await acquiring).release();
      assert.deepEqual(await stateOf(captured, pool), { used: 0, idle: 1, pending: 0 });
    }
    open = false;
    await pool.close();
    for (const metric of ['count', 'pending_requests']) {
      assert.deepEqual(await seriesOf(captured, `db_client_connection_${metric}`, labelOf(pool)), []);
    }
  });

  promise('a pool lives through the plugin being switched off and on again', async (o) => {
    const captured = o.start();
    const pool = createPool();
    o.closing(() => pool.close());
    const count = async () => (await spansUnder(captured, () => pool.read())).length;
    assert.equal(await count(), 1);
    captured.observability.setPluginEnabled(o.pluginName, false);
    assert.equal(await count(), 0);
    captured.observability.setPluginEnabled(o.pluginName, true);
    assert.equal(await count(), 1);
    assert.deepEqual(await stateOf(captured, pool), { used: 0, idle: 1, pending: 0 });
  });
}

const labelOf = ({ name }: TestedDatabasePool) => `db_client_connection_pool_name="${name}"`;

async function stateOf(captured: CapturedObservability, pool: TestedDatabasePool) {
  const count = (state: string) =>
    seriesValue(
      captured,
      'db_client_connection_count',
      labelOf(pool),
      `db_client_connection_state="${state}"`,
    );
  return {
    used: await count('used'),
    idle: await count('idle'),
    pending: await seriesValue(captured, 'db_client_connection_pending_requests', labelOf(pool)),
  };
}
