import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { expect, test } from 'vitest';
import { captureDatabase } from '../../../test/captured-database.js';
import { describeWith } from '../../../test/parts/part.js';
import { postgres } from '../../../test/parts/postgres.js';

interface Schema {
  kysely_orders: { id: number; state: string };
}

describeWith(postgres, 'Kysely', (url) => {
  test('each statement is one span under the request, a streamed one too', async () => {
    const pool = new pg.Pool({ connectionString: url() });
    const captured = captureDatabase();
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
    await pool.query('CREATE TABLE kysely_orders (id int PRIMARY KEY, state text)');
    try {
      const { result, spans } = await captured.request(() =>
        db.transaction().execute(async (tx) => {
          await tx.insertInto('kysely_orders').values({ id: 1, state: 'new' }).execute();
          const rows: unknown[] = [];
          for await (const row of tx.selectFrom('kysely_orders').selectAll().stream(10)) rows.push(row);
          return rows;
        }),
      );
      expect(result).toEqual([{ id: 1, state: 'new' }]);
      expect(spans.map(({ name }) => name)).toEqual([
        'BEGIN',
        'INSERT kysely_orders',
        'SELECT kysely_orders',
        'COMMIT',
      ]);
    } finally {
      await pool.query('DROP TABLE kysely_orders');
      await db.destroy();
      await captured.stop();
    }
  });
});
