import { createRequire } from 'node:module';
import type MySql from 'mysql2/promise';
import { expect, test } from 'vitest';
import { captureDatabase, errorOf } from '../../test/captured-database.js';
import { mariadb } from '../../test/parts/mariadb.js';
import { describeWith } from '../../test/parts/part.js';

describeWith(mariadb, 'the oldest mysql2 that is supported', (url) => {
  test.each(['after', 'before'] as const)('is loaded %s init', async (order) => {
    const load = (): typeof MySql => createRequire(import.meta.url)('mysql2-oldest/promise');
    if (order === 'before') load();
    const captured = captureDatabase({ sqlComments: true });
    const pool = load().createPool(url());
    try {
      const { result, spans } = await captured.request(async () => [
        (await pool.query('SELECT ? AS a', [1]))[0],
        (await pool.execute('SELECT ? AS a', [2]))[0],
        (await errorOf(() => pool.query('SELEC 1'))).code,
      ]);
      expect(result).toEqual([[{ a: 1 }], [{ a: 2 }], 'ER_PARSE_ERROR']);
      expect(spans.map((span) => span.attributes['error.type'])).toEqual([
        ...[undefined, undefined, 'ER_PARSE_ERROR'],
      ]);
      expect(spans[0]?.attributes['db.system.name']).toBe('mariadb');
      expect(await captured.metrics()).toMatch(/db_client_connection_count\{[^}]*state="idle"[^}]*\} 1\b/);
    } finally {
      await pool.end();
      await captured.stop();
    }
  });
});
