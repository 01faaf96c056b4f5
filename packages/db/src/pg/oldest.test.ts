import { createRequire } from 'node:module';
import type Pg from 'pg';
import { expect, test } from 'vitest';
import { captureDatabase, errorOf } from '../../test/captured-database.js';
import { describeWith } from '../../test/parts/part.js';
import { postgres } from '../../test/parts/postgres.js';

describeWith(postgres, 'the oldest pg that is supported', (url) => {
  test.each(['after', 'before'] as const)('is loaded %s init', async (order) => {
    const load = (): typeof Pg => createRequire(import.meta.url)('pg-oldest');
    if (order === 'before') load();
    const captured = captureDatabase({ sqlComments: true });
    const pool = new (load().Pool)({ connectionString: url(), max: 1 });
    try {
      const { result, spans } = await captured.request(async () => [
        (await pool.query('SELECT $1::int AS a', [1])).rows,
        await new Promise((resolve) => pool.query('SELECT 2 AS a', (_error, { rows }) => resolve(rows))),
        (await pool.query({ name: 'named', text: 'SELECT 3 AS a' })).rows,
        (await errorOf(() => pool.query('SELEC 1'))).code,
        await pool.connect().then(async (client) => {
          const { rows } = await client.query('SELECT 4 AS a');
          client.release();
          return rows;
        }),
      ]);
      expect(result).toEqual([[{ a: 1 }], [{ a: 2 }], [{ a: 3 }], '42601', [{ a: 4 }]]);
      expect(spans.map((span) => span.attributes['db.response.status_code'])).toEqual([
        ...[undefined, undefined, undefined, '42601', undefined],
      ]);
      expect(await captured.metrics()).toMatch(/db_client_connection_count\{[^}]*state="idle"[^}]*\} 1\b/);
    } finally {
      await pool.end();
      await captured.stop();
    }
  });
});
