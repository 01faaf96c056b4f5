import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import type { ObservabilityPlugin } from '@throughline/core/plugin';
import {
  type CapturedObservability,
  captureObservability,
  testDatabaseClient,
} from '@throughline/core/testing';
import { casesNamed } from '@throughline/testbed/cases';
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
const failedOnce = (type: string) =>
  new RegExp(`db_client_operation_duration_seconds_count\\{[^}]*error_type="${type}"[^}]*\\} 1\\b`);
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

// Of each major version the newest or the oldest.
const copiesToRun = casesNamed(copies, ([name]) => name, ['mongodb 7', 'mongodb 6.0.0', 'mongodb 5.0.0']);
describe.skipIf(!server).each(copiesToRun)('%s', (name, { MongoClient }, packageName) => {
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

  test('no server: one span, with the error that the service gets', async () => {
    start();
    const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 20 });
    open.push(client);
    const spans = await spansOf(() =>
      expect(client.db(database).collection('orders').findOne({})).rejects.toThrow('ECONNREFUSED'),
    );
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['MongoServerSelectionError']);
    expect(await captured.metrics()).toMatch(failedOnce('MongoServerSelectionError'));
  });

  test('no connection of the pool in time: one span, with the error that the service gets', async () => {
    start();
    const client = connect({ maxPoolSize: 1, waitQueueTimeoutMS: 20 });
    const orders = client.db(database).collection('orders');
    await orders.findOne({});
    captured.reset();
    // One of them holds the only connection while the others wait.
    const pool = { held: undefined as unknown };
    const original = ConnectionPool.prototype.checkIn;
    ConnectionPool.prototype.checkIn = function keep(connection: unknown) {
      pool.held = () => original.call(this, connection);
    };
    try {
      await orders.findOne({});
      captured.reset();
      const spans = await spansOf(() => expect(orders.findOne({})).rejects.toThrow(/waiting|Timed out/i));
      expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['MongoWaitQueueTimeoutError']);
      expect(spans[0]?.attributes['server.address']).toBe(hostname);
    } finally {
      ConnectionPool.prototype.checkIn = original;
      (pool.held as (() => void) | undefined)?.();
    }
  });

  test.skipIf(name !== 'mongodb 7')(
    'a signal: a timeout is an error, and what the service cancels is none',
    async () => {
      start();
      const held = await startHeldServer(hostname, Number(port || 27_017));
      const client = new MongoClient(`mongodb://127.0.0.1:${held.port}/?directConnection=true`);
      open.push({
        close() {
          held.stop();
          return client.close();
        },
      });
      const orders = client.db(database).collection('orders');
      await orders.findOne({});
      captured.reset();
      const controller = new AbortController();
      held.hold(() => controller.abort(new Error('left')));
      const [cancelled] = await spansOf(() =>
        expect(orders.find({}, { signal: controller.signal }).toArray()).rejects.toThrow('left'),
      );
      expect(cancelled?.status.code).toBe(SpanStatusCode.UNSET);
      expect(cancelled?.attributes['error.type']).toBeUndefined();
      held.release();
      await orders.findOne({});
      captured.reset();
      held.hold();
      const [timedOut] = await spansOf(() =>
        expect(orders.find({}, { signal: AbortSignal.timeout(30) }).toArray()).rejects.toThrow(),
      );
      expect(timedOut?.attributes['error.type']).toBe('MongoOperationTimeoutError');
      expect(await captured.metrics()).toMatch(failedOnce('MongoOperationTimeoutError'));
    },
  );

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

/** A way to the server that can be blocked. */
async function startHeldServer(host: string, port: number) {
  let isHeld = false;
  let onHeld = () => {};
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const upstream = connectTcp(port, host);
    upstream.on('error', () => {}).pipe(socket);
    socket.on('error', () => {}).on('close', () => upstream.destroy());
    socket.on('data', (data) => {
      if (isHeld) onHeld();
      else upstream.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** From now on commands get no answer. @param listener called when one comes */
    hold(listener = () => {}) {
      isHeld = true;
      onHeld = listener;
    },
    release() {
      isHeld = false;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
