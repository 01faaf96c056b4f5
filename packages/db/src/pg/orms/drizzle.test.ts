import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { expect, test } from 'vitest';
import { captureDatabase } from '../../../test/captured-database.js';
import { describeWith } from '../../../test/parts/part.js';
import { postgres } from '../../../test/parts/postgres.js';

describeWith(postgres, 'Drizzle', (url) => {
  test('each statement is one span under the request', async () => {
    const pool = new pg.Pool({ connectionString: url() });
    const captured = captureDatabase();
    const db = drizzle(pool);
    const orders = pgTable('drizzle_orders', { id: integer('id').primaryKey(), state: text('state') });
    await pool.query('CREATE TABLE drizzle_orders (id int PRIMARY KEY, state text)');
    try {
      const { result, spans } = await captured.request(() =>
        db.transaction(async (tx) => {
          await tx.insert(orders).values([
            { id: 1, state: 'new' },
            { id: 2, state: 'paid' },
          ]);
          return tx.select().from(orders).where(eq(orders.state, 'paid'));
        }),
      );
      expect(result).toEqual([{ id: 2, state: 'paid' }]);
      expect(spans.map(({ name }) => name)).toEqual([
        'BEGIN',
        'INSERT drizzle_orders',
        'SELECT drizzle_orders',
        'COMMIT',
      ]);
    } finally {
      await pool.query('DROP TABLE drizzle_orders');
      await pool.end();
      await captured.stop();
    }
  });
});
