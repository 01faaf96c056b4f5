import { DataTypes, Sequelize } from 'sequelize';
import { expect, test } from 'vitest';
import { captureDatabase } from '../../../test/captured-database.js';
import { describeWith } from '../../../test/parts/part.js';
import { postgres } from '../../../test/parts/postgres.js';

describeWith(postgres, 'Sequelize', (url) => {
  test('each statement is one span under the request, without its values', async () => {
    const captured = captureDatabase();
    const sequelize = new Sequelize(url(), { logging: false });
    const Order = sequelize.define(
      'order',
      { state: DataTypes.STRING },
      { tableName: 'sequelize_orders', timestamps: false },
    );
    await Order.sync({ force: true });
    try {
      const { result, spans } = await captured.request(() =>
        sequelize.transaction(async (transaction) => {
          await Order.create({ state: 's3cret' }, { transaction });
          return Order.count({ where: { state: 's3cret' }, transaction });
        }),
      );
      expect(result).toBe(1);
      expect(spans.map(({ name }) => name)).toEqual([
        'START TRANSACTION',
        'INSERT sequelize_orders',
        'SELECT sequelize_orders',
        'COMMIT',
      ]);
      for (const span of spans) expect(span.attributes['db.query.text']).not.toContain('s3cret');
    } finally {
      await Order.drop();
      await sequelize.close();
      await captured.stop();
    }
  });
});
