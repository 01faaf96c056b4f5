import { createRequire } from 'node:module';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import type { ObservabilityPlugin } from '@throughline/core/plugin';
import {
  type CapturedObservability,
  captureObservability,
  testDatabaseClient,
} from '@throughline/core/testing';
import * as mongodb7 from 'mongodb';
import * as mongodb5 from 'mongodb5';
import * as mongodb5Oldest from 'mongodb5-oldest';
import * as mongodb6 from 'mongodb6';
import * as mongodb6Oldest from 'mongodb6-oldest';
import { afterEach, describe, expect, test } from 'vitest';
import { mongodb as server, startSeparateMongodb } from '../../test/parts/mongodb.js';
import type { DatabaseClientContext } from '../client/client-context.js';
import { type DbPluginOptions, dbPlugin } from '../db-plugin.js';
import { patchBundledClient } from './patch-bundled-client.js';

const require = createRequire(import.meta.url);
const copies = [
  ['mongodb 7', mongodb7, 'mongodb'],
  ['mongodb 6', mongodb6, 'mongodb6'],
  ['mongodb 6.0.0', mongodb6Oldest, 'mongodb6-oldest'],
  ['mongodb 5', mongodb5, 'mongodb5'],
  ['mongodb 5.0.0', mongodb5Oldest, 'mongodb5-oldest'],
] as unknown as readonly (readonly [string, typeof mongodb7, string])[];

let captured: CapturedObservability;
const open: { close(): Promise<void> }[] = [];

function start(options?: DbPluginOptions) {
  captured = captureObservability({ plugins: [dbPlugin(options)] });
}

afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
  await captured?.stop();
});

const clientSpans = () => captured.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
const texts = () => clientSpans().map((span) => span.attributes['db.query.text']);
/** Runs in a span of the service, and gives the client spans in it. */
async function spansOf(run: () => unknown) {
  await withSpan('service', run);
  const service = await captured.waitForSpan(({ name }) => name === 'service');
  for (const span of clientSpans()) {
    expect(span.parentSpanContext?.spanId, span.name).toBe(service.spanContext().spanId);
  }
  return clientSpans();
}

describe.skipIf(!server).each(copies)('%s', (name, { MongoClient }, packageName) => {
  /** The classes behind connections and pools, which the package does not export. */
  const classIn = (file: string, Class: string) => require(`${packageName}/lib/cmap/${file}`)[Class];
  const Connection = classIn('connection.js', 'Connection');
  const ConnectionPool = classIn('connection_pool.js', 'ConnectionPool');
  const url = server?.url ?? 'mongodb://127.0.0.1';
  const { hostname, port } = new URL(url);
  const database = name.replaceAll(/\W/g, '_');
  function connect(options: object = {}) {
    const client = new MongoClient(url, options);
    open.push(client);
    return client;
  }
  async function emptyOrders(options?: object) {
    const orders = connect(options).db(database).collection<{ _id: number; state?: string }>('orders');
    await orders.deleteMany({});
    return orders;
  }

  const filter = { state: 's3cret', _id: { $in: [1, 2] } };
  testDatabaseClient(test, {
    plugin: dbPlugin,
    async connect() {
      const client = await new MongoClient(url).connect();
      const orders = client.db(database).collection<{ _id: number }>('orders');
      return {
        read: () => orders.findOne(filter),
        fail: () => client.db(database).command({ noSuch: 1 }),
        close: () => client.close(),
      };
    },
    read: {
      name: 'find orders',
      attributes: {
        'db.system.name': 'mongodb',
        'db.operation.name': 'find',
        'db.collection.name': 'orders',
        'db.namespace': database,
        'server.address': hostname,
        'server.port': Number(port || 27_017),
      },
      queryText: {
        sanitized: /^\{find: "orders", filter: \{state: \?, _id: \{\$in: \[\?\]\}\}, limit: \?/,
        raw: /^\{find: "orders", filter: \{state: "s3cret", _id: \{\$in: \[1, 2\]\}\}, limit: 1/,
      },
    },
    failure: { errorType: 'CommandNotFound', statusCode: 'CommandNotFound' },
    patched: () => [Connection.prototype.command, ConnectionPool.prototype.checkOut],
    createPool() {
      const client = new MongoClient(url, { maxPoolSize: 1 });
      const orders = client.db(database).collection<{ _id: number }>('orders');
      return {
        name: `${hostname}:${port || 27_017}`,
        read: () => orders.findOne(filter),
        close: () => client.close(),
      };
    },
  });

  test('a bundled driver is found through its client, made before or after', async () => {
    const early = connect();
    await early.db(database).collection('orders').findOne({});
    for (const given of [{ MongoClient }, { default: { MongoClient } }, MongoClient]) {
      // Alone, without what finds the driver in the module cache.
      const plugin: ObservabilityPlugin = {
        name: 'bundled',
        setup: (context) =>
          patchBundledClient(given, {
            ...context,
            modules: undefined,
            queryText: 'sanitized',
            maxQueryTextLength: 2_048,
            rootSpans: false,
            sqlComments: false,
          } satisfies DatabaseClientContext),
      };
      captured = captureObservability({ plugins: [plugin] });
      await spansOf(async () => {
        await connect().db(database).collection('orders').findOne({});
        await early.db(database).collection('orders').findOne({});
      });
      expect(clientSpans().map(({ name }) => name)).toEqual(['find orders', 'find orders']);
      await captured.stop();
    }
  });

  test('connecting and closing make no spans', async () => {
    start();
    await spansOf(async () => {
      const client = await new MongoClient(url).connect();
      await client.db(database).command({ ping: 1 });
      await client.close();
    });
    expect(clientSpans()).toEqual([]);
  });

  test('writes of many documents are one span with their number', async () => {
    start();
    const orders = await emptyOrders();
    await spansOf(async () => {
      await orders.insertMany([{ _id: 1, state: 'secret' }, { _id: 2 }, { _id: 3 }]);
      await orders.updateMany({}, { $set: { state: 'secret' } });
      await orders.aggregate([{ $match: { state: 'secret' } }, { $count: 'orders' }]).toArray();
    });
    expect(clientSpans().map(({ name }) => name)).toEqual([
      'insert orders',
      'update orders',
      'aggregate orders',
    ]);
    expect(clientSpans()[0]?.attributes['db.operation.batch.size']).toBe(3);
    expect(texts()).toEqual([
      expect.stringContaining('documents: [{_id: ?, state: ?}]'),
      expect.stringContaining('updates: [{q: {}, u: {$set: {state: ?}}'),
      expect.stringContaining('pipeline: [{$match: {state: ?}}, {$count: ?}]'),
    ]);
    expect(texts().join()).not.toContain('secret');
  });

  test('a cursor is a span for every batch', async () => {
    start();
    const orders = await emptyOrders();
    await orders.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    await spansOf(async () => {
      expect(await orders.find({}, { batchSize: 2 }).toArray()).toHaveLength(3);
    });
    expect(clientSpans().map(({ name }) => name)).toEqual(['find orders', 'getMore orders']);
  });

  test('errors of commands and of writes', async () => {
    start();
    const orders = await emptyOrders();
    await orders.insertOne({ _id: 1 });
    captured.reset();
    await spansOf(async () => {
      await expect(orders.insertOne({ _id: 1 })).rejects.toMatchObject({ code: 11_000 });
      await expect(orders.find({ $where: 1, state: { $no: 1 } } as never).toArray()).rejects.toThrow();
      await expect(connect().db(database).command({ noSuch: 1 })).rejects.toMatchObject({
        codeName: 'CommandNotFound',
      });
    });
    expect(clientSpans().map(({ status }) => status.code)).toEqual(Array(3).fill(SpanStatusCode.ERROR));
    expect(clientSpans()[0]?.attributes['error.type']).toBe('11000');
    expect(clientSpans()[2]?.attributes['db.response.status_code']).toBe('CommandNotFound');
  });

  test('text that is cut', async () => {
    start({ queryText: 'raw', maxQueryTextLength: 46 });
    const orders = await emptyOrders();
    await spansOf(() => orders.findOne({ _id: 7, state: 'shown, but cut' }));
    expect(texts().at(-1)).toBe('{find: "orders", filter: {_id: 7, state: "show');
  });

  test.skipIf(process.env.MONGODB_URL)('a server that is killed in the middle ends the span', async () => {
    start();
    const own = await startSeparateMongodb();
    const client = new MongoClient(own?.url ?? '', { serverSelectionTimeoutMS: 300, retryReads: false });
    open.push(client);
    const orders = client.db(database).collection('orders');
    await orders.insertOne({});
    captured.reset();
    await spansOf(async () => {
      const finding = Promise.all(Array.from({ length: 20 }, () => orders.find({}).toArray()));
      own?.kill();
      await expect(finding).rejects.toThrow();
      // The others fail as well, one after the other.
      await expect(orders.findOne({})).rejects.toThrow();
    });
    expect(clientSpans().some(({ status }) => status.code === SpanStatusCode.ERROR)).toBe(true);
  });
});
