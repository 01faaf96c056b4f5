import createKnex from 'knex';
import { expect, test } from 'vitest';
import { captureDatabase } from '../../../test/captured-database.js';
import { describeWith } from '../../../test/parts/part.js';
import { postgres } from '../../../test/parts/postgres.js';

describeWith(postgres, 'Knex', (url) => {
  test('each statement is one span under its request, with one connection for all', async () => {
    const captured = captureDatabase();
    const knex = createKnex({ client: 'pg', connection: url(), pool: { min: 0, max: 1 } });
    await knex.schema.createTable('knex_orders', (table) => {
      table.integer('id').primary();
      table.string('state');
    });
    try {
      const requests = [1, 2, 3].map((id) =>
        captured.request(() =>
          knex.transaction(async (tx) => {
            await tx('knex_orders').insert({ id, state: 'new' });
            return tx('knex_orders').where({ id }).whereIn('state', ['new', 'paid']).select('id');
          }),
        ),
      );
      for (const [i, { result, spans }] of (await Promise.all(requests)).entries()) {
        expect(result).toEqual([{ id: i + 1 }]);
        expect(spans.map(({ name }) => name)).toEqual([
          'BEGIN',
          'INSERT knex_orders',
          'SELECT knex_orders',
          'COMMIT',
        ]);
        expect(spans[2]?.attributes['db.query.text']).toMatch(/ in \(\?\)$/);
      }
    } finally {
      await knex.schema.dropTable('knex_orders');
      await knex.destroy();
      await captured.stop();
    }
  });
});
