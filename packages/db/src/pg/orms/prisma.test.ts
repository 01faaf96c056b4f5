import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { expect, test } from 'vitest';
import { captureDatabase } from '../../../test/captured-database.js';
import { describeWith } from '../../../test/parts/part.js';
import { postgres } from '../../../test/parts/postgres.js';
import { PrismaClient } from '../../../test/prisma/generated/client.js';

describeWith(postgres, 'Prisma with its driver adapter', (url) => {
  test('each statement is one span under the request', async () => {
    const pool = new pg.Pool({ connectionString: url() });
    await pool.query('CREATE TABLE prisma_orders (id int PRIMARY KEY, state text NOT NULL)');
    const captured = captureDatabase();
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url() }) });
    try {
      const { result, spans } = await captured.request(() =>
        prisma.$transaction(async (tx) => {
          await tx.order.create({ data: { id: 1, state: 'new' } });
          return tx.order.findMany({ where: { state: { in: ['new', 'paid'] } } });
        }),
      );
      expect(result).toEqual([{ id: 1, state: 'new' }]);
      expect(spans.map(({ name }) => name)).toEqual([
        'BEGIN',
        'INSERT public.prisma_orders',
        'SELECT public.prisma_orders',
        'COMMIT',
      ]);
      expect(spans[2]?.attributes['db.query.text']).toContain(' IN (?)');
    } finally {
      await prisma.$disconnect();
      await pool.query('DROP TABLE prisma_orders');
      await pool.end();
      await captured.stop();
    }
  });
});
