import { once } from 'node:events';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { createClient } from 'redis';
import { afterEach, describe, expect, test } from 'vitest';
import { type CapturedDatabase, captureDatabase } from '../test/captured-database.js';
import { mariadb } from '../test/parts/mariadb.js';
import { describeWith } from '../test/parts/part.js';
import { postgres } from '../test/parts/postgres.js';
import { redis as redisServer } from '../test/parts/redis.js';

let captured: CapturedDatabase;
const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
  await captured.stop();
});

/** A client that lives through it has one span for an operation while the plugin is on, and none while it is off. */
async function expectSwitched(
  operation: () => Promise<unknown>,
  newClient: () => Promise<() => Promise<unknown>>,
) {
  const spans = async (run: () => Promise<unknown>) => (await captured.request(run)).spans.length;
  for (let round = 0; round < 2; round++) {
    expect(await spans(operation)).toBe(1);
    captured.observability.setPluginEnabled('db', false);
    expect(await spans(operation)).toBe(0);
    const madeMeanwhile = await newClient();
    expect(await spans(madeMeanwhile)).toBe(0);
    captured.observability.setPluginEnabled('db', true);
    expect(await spans(operation)).toBe(1);
    expect(await spans(madeMeanwhile)).toBe(1);
  }
}

describeWith(postgres, 'switched off and on again: pg', (url) => {
  test('clients and pools', async () => {
    captured = captureDatabase();
    const newClient = async () => {
      const client = new pg.Client({ connectionString: url() });
      await client.connect();
      closes.push(() => client.end());
      return () => client.query('SELECT 1');
    };
    await expectSwitched(await newClient(), newClient);
    const pool = new pg.Pool({ connectionString: url(), max: 1 });
    closes.push(() => pool.end());
    await expectSwitched(() => pool.query('SELECT 1'), newClient);
  });
});

describeWith(mariadb, 'switched off and on again: mysql2', (url) => {
  test('connections', async () => {
    captured = captureDatabase();
    const newClient = async () => {
      const connection = await mysql.createConnection(url());
      closes.push(() => connection.end());
      return () => connection.query('SELECT 1');
    };
    await expectSwitched(await newClient(), newClient);
  });
});

describe.skipIf(!redisServer)('switched off and on again: Redis', () => {
  const url = () => redisServer?.url ?? '';
  test('ioredis', async () => {
    captured = captureDatabase();
    const newClient = async () => {
      const client = new Redis(url());
      await once(client, 'ready');
      closes.push(() => client.disconnect());
      return () => client.get('key');
    };
    await expectSwitched(await newClient(), newClient);
  });

  test('redis', async () => {
    captured = captureDatabase();
    const newClient = async () => {
      const client = createClient({ url: url() });
      await client.connect();
      closes.push(() => client.close());
      return () => client.get('key');
    };
    await expectSwitched(await newClient(), newClient);
  });
});
