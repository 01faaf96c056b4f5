import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import type { ObservabilityPlugin } from '@throughline/core/plugin';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import * as mongodb7 from 'mongodb';
import * as mongodb5 from 'mongodb5';
import * as mongodb5Oldest from 'mongodb5-oldest';
import * as mongodb6 from 'mongodb6';
import * as mongodb6Oldest from 'mongodb6-oldest';
import { afterEach, describe, expect, test } from 'vitest';
import { mongodb as server, startOwnMongodb } from '../../test/parts/mongodb.js';
import { type ClientContext, type DbPluginOptions, dbPlugin } from '../db-plugin.js';
import { patchGivenClient } from './patch-given-client.js';

const copies = [
  ['mongodb 7', mongodb7],
  ['mongodb 6', mongodb6],
  ['mongodb 6.0.0', mongodb6Oldest],
  ['mongodb 5', mongodb5],
  ['mongodb 5.0.0', mongodb5Oldest],
] as unknown as readonly (readonly [string, typeof mongodb7])[];

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

describe.skipIf(!server).each(copies)('%s', (name, { MongoClient }) => {
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

  test('a command is a span by the conventions, and counts in the metric', async () => {
    start();
    const orders = await emptyOrders();
    const [span, ...others] = await spansOf(async () => {
      expect(await orders.findOne({ state: 'secret', _id: { $in: [1, 2] } })).toBeNull();
    });
    expect(others).toEqual([]);
    expect(span?.name).toBe('find orders');
    expect(span?.attributes).toEqual({
      'db.system.name': 'mongodb',
      'db.operation.name': 'find',
      'db.collection.name': 'orders',
      'db.namespace': database,
      'db.query.text': expect.stringMatching(
        /^\{find: "orders", filter: \{state: \?, _id: \{\$in: \[\?\]\}\}, limit: \?/,
      ),
      'server.address': hostname,
      'server.port': Number(port || 27_017),
    });
    expect(await captured.metrics()).toMatch(
      new RegExp(
        `db_client_operation_duration_seconds_count\\{db_system_name="mongodb",db_operation_name="find",db_collection_name="orders",db_namespace="${database}"[^}]*\\} 1\\n`,
      ),
    );
  });

  test('a client made and connected before init is observed, and left alone after shutdown', async () => {
    const orders = await emptyOrders();
    for (let round = 0; round < 2; round++) {
      start();
      expect(await spansOf(() => orders.findOne({}))).toHaveLength(1);
      expect(await captured.metrics()).toContain('db_client_connection_count{');
      await captured.stop();
    }
    expect(await orders.findOne({})).toBeNull();
  });

  test('a bundled driver is found through its client, made before or after', async () => {
    const early = connect();
    await early.db(database).collection('orders').findOne({});
    for (const given of [{ MongoClient }, { default: { MongoClient } }, MongoClient]) {
      // Alone, without what finds the driver in the module cache.
      const plugin: ObservabilityPlugin = {
        name: 'bundled',
        setup: (context) =>
          patchGivenClient(given, {
            ...context,
            modules: undefined,
            queryText: 'sanitized',
            maxQueryTextLength: 2_048,
            rootSpans: false,
            sqlComments: false,
          } satisfies ClientContext),
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

  test('callers that wait for a connection keep their own spans', async () => {
    start();
    const orders = await emptyOrders({ maxPoolSize: 1 });
    const traces = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        withSpan(`service ${index}`, async (span) => {
          await orders.findOne({ _id: index });
          await orders.findOne({ _id: index });
          return span.spanContext().spanId;
        }),
      ),
    );
    const expected = [...traces, ...traces].toSorted();
    await expect
      .poll(() =>
        clientSpans()
          .filter(({ name }) => name === 'find orders')
          .map((span) => span.parentSpanContext?.spanId)
          .toSorted(),
      )
      .toEqual(expected);
  });

  test('an error of the server is on the span, and is the same for the service', async () => {
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

  test('text: raw, none and cut', async () => {
    start({ queryText: 'raw', maxQueryTextLength: 46 });
    const orders = await emptyOrders();
    await spansOf(() => orders.findOne({ _id: 7, state: 'shown, but cut' }));
    expect(texts().at(-1)).toBe('{find: "orders", filter: {_id: 7, state: "show');
    await captured.stop();
    start({ queryText: 'none' });
    const [span] = await spansOf(() => orders.findOne({}));
    expect(span?.attributes).not.toHaveProperty('db.query.text');
  });

  test('pools show what is used, idle and waited for, until they are closed', async () => {
    start();
    const orders = await emptyOrders();
    await orders.findOne({});
    const metrics = await captured.metrics();
    const pool = `db_client_connection_pool_name="${hostname}:${port || 27_017}"`;
    expect(metrics).toMatch(new RegExp(`db_client_connection_count\\{[^}]*${pool}[^}]*idle[^}]*\\} [1-9]`));
    expect(metrics).toMatch(/db_client_connection_wait_time_seconds_count\{[^}]*\} [1-9]/);
    await open.pop()?.close();
    expect(await captured.metrics()).not.toMatch(
      new RegExp(`db_client_connection_count\\{[^}]*${pool}[^}]*idle[^}]*\\} [1-9]`),
    );
  });

  test.skipIf(process.env.MONGODB_URL)('a server that is killed in the middle ends the span', async () => {
    start();
    const own = await startOwnMongodb();
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
