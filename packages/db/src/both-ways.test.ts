import { withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { spansBothWays } from '@throughline/testbed/both-ways';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { createClient } from 'redis';
import { expect, test } from 'vitest';
import { mariadb } from '../test/parts/mariadb.js';
import { mongodb } from '../test/parts/mongodb.js';
import { describeWith } from '../test/parts/part.js';
import { postgres } from '../test/parts/postgres.js';
import { redis } from '../test/parts/redis.js';
import { dbPlugin } from './index.js';

/*
 * Random programs of operations, some of which fail, send the same spans through the recorder as through the SDK.
 */
type Operation = () => Promise<unknown>;

/** @param connect the operations of a new client, and what closes it */
async function compare(
  connect: () => Promise<{ operations: readonly Operation[]; close: () => unknown }>,
): Promise<void> {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), async (chosen) => {
      const { recorder, sdk, spanCount } = await spansBothWays(
        captureObservability,
        { plugins: [dbPlugin()], logs: { level: 'error' } },
        async () => {
          const { operations, close } = await connect();
          await withSpan('request', async () => {
            for (const index of chosen) {
              await (operations[index % operations.length] as Operation)().catch(() => {});
            }
          });
          await close();
        },
      );
      expect(recorder).toEqual(sdk);
      expect(spanCount).toBeGreaterThan(chosen.length);
      compared += spanCount;
    }),
    { numRuns: 6 },
  );
  expect(compared).toBeGreaterThan(12);
}

describeWith(postgres, 'both ways, PostgreSQL', (url) => {
  test('pg', () =>
    compare(async () => {
      const client = new pg.Client({ connectionString: url() });
      await client.connect();
      const operations = [
        () => client.query("SELECT relname FROM pg_class WHERE relname = 's3cret'"),
        () => client.query({ name: 'one', text: 'SELECT $1::int AS number', values: [1] }),
        () => client.query('SELEC 1'),
        () => client.query('SELECT 1/0'),
        () => client.query('SELECT 1; SELECT 2'),
      ];
      return { operations, close: () => client.end() };
    }));
});

describeWith(mariadb, 'both ways, MariaDB', (url) => {
  test('mysql2', () =>
    compare(async () => {
      const connection = await mysql.createConnection(url());
      const operations = [
        () => connection.query("SELECT 's3cret' AS text"),
        () => connection.execute('SELECT ? AS number', [1]),
        () => connection.query('SELEC 1'),
        () => connection.query('SELECT * FROM none_such'),
      ];
      return { operations, close: () => connection.end() };
    }));
});

test.skipIf(redis === undefined)('ioredis', () =>
  compare(async () => {
    const client = new Redis(redis?.url as string, { lazyConnect: true });
    await client.connect();
    // What a key holds decides whether a command fails.
    await client.del('key', 'count');
    const operations = [
      () => client.set('key', 's3cret'),
      () => client.get('key'),
      () => client.call('NOSUCH', 'a'),
      () => client.lpush('key', 'a'),
      () => client.pipeline().get('key').incr('count').exec(),
    ];
    return { operations, close: () => client.quit() };
  }),
);

test.skipIf(redis === undefined)('redis', () =>
  compare(async () => {
    const client = createClient({ url: redis?.url as string });
    await client.connect();
    await client.del(['key', 'count']);
    const operations = [
      () => client.set('key', 's3cret'),
      () => client.get('key'),
      () => client.sendCommand(['NOSUCH', 'a']),
      () => client.lPush('key', 'a'),
      () => client.multi().get('key').incr('count').exec(),
    ];
    return { operations, close: () => client.close() };
  }),
);

test.skipIf(mongodb === undefined)('mongodb', () =>
  compare(async () => {
    const client = new MongoClient(mongodb?.url as string);
    await client.connect();
    const orders = client.db('shop').collection('orders');
    const operations = [
      () => orders.insertOne({ item: 's3cret' }),
      () => orders.find({ item: 's3cret' }).toArray(),
      () => orders.updateMany({ item: 'bolt' }, { $set: { seen: true } }),
      () => orders.aggregate([{ $nosuch: 1 }]).toArray(),
    ];
    return { operations, close: () => client.close() };
  }),
);
