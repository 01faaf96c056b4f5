import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withSpan } from '../index.js';
import type { DatabaseOperations, ObservabilityPlugin } from '../plugin.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
let databases: DatabaseOperations;

const plugin: ObservabilityPlugin = {
  name: 'own-db',
  setup(context) {
    databases = context.databases;
  },
};

beforeEach(() => {
  captured = captureObservability({ plugins: [plugin] });
});
afterEach(() => captured.stop());

const identity = 'service_name="unknown_service:node"';
const client = () => captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);

test('an operation is a client span by the conventions, and a duration with that span as exemplar', async () => {
  await withSpan('service', async () => {
    const operation = databases.start({
      system: 'postgresql',
      name: 'SELECT',
      collection: 'orders',
      namespace: 'shop',
      summary: 'SELECT orders',
      queryText: 'SELECT * FROM orders WHERE id = ?',
      serverAddress: 'db',
      serverPort: 5432,
    });
    operation.end({ attributes: { 'db.response.returned_rows': 3 } });
    operation.end({ error: new Error('too late') });
  });
  const span = await client();
  expect(span.name).toBe('SELECT orders');
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toEqual({
    'db.system.name': 'postgresql',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'orders',
    'db.namespace': 'shop',
    'db.query.summary': 'SELECT orders',
    'db.query.text': 'SELECT * FROM orders WHERE id = ?',
    'server.address': 'db',
    'server.port': 5432,
    'db.response.returned_rows': 3,
  });
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    /db_client_operation_duration_seconds_count\{db_system_name="postgresql",db_operation_name="SELECT",db_collection_name="orders",db_namespace="shop",server_address="db"[^}]*\} 1\n/,
  );
  expect(metrics).toContain(`span_id="${span.spanContext().spanId}"`);
});

test('without a span around it there is only the metric, unless a root span is asked for', async () => {
  databases.start({ system: 'redis', name: 'GET' }).end();
  databases.start({ system: 'redis', name: 'SET', serverAddress: 'cache' }, { rootSpan: true }).end();
  expect((await client()).name).toBe('SET cache');
  expect(captured.spans).toHaveLength(1);
  expect(await captured.metrics()).toMatch(/db_operation_name="GET"[^}]*\} 1\n/);
});

test('a failure has the status code of the server, or the code or class of the error', async () => {
  withSpan('service', () => {
    databases
      .start({ system: 'postgresql', name: 'a' })
      .end({ error: new Error('duplicate'), statusCode: '23505' });
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    databases.start({ system: 'postgresql', name: 'b' }).end({ error: refused });
    databases.start({ system: 'postgresql', name: 'c' }).end({ error: new TypeError('x') });
  });
  const failed = await captured.waitForSpan((span) => span.name === 'a');
  expect(failed.status).toEqual({ code: SpanStatusCode.ERROR, message: 'duplicate' });
  expect(failed.attributes).toMatchObject({ 'error.type': '23505', 'db.response.status_code': '23505' });
  const metrics = await captured.metrics();
  for (const type of ['23505', 'ECONNREFUSED', 'TypeError'])
    expect(metrics).toContain(`error_type="${type}"`);
});

test('a pool shows its connections until it is gone', async () => {
  const pool = databases.observePool({
    system: 'postgresql',
    name: 'db:5432/shop',
    read: () => ({ used: 3, idle: 2, pending: 1 }),
  });
  pool.waited(0.02);
  const labels = 'db_system_name="postgresql",db_client_connection_pool_name="db:5432/shop"';
  const metrics = await captured.metrics();
  expect(metrics).toContain(
    `db_client_connection_count{${labels},db_client_connection_state="used",${identity}} 3`,
  );
  expect(metrics).toContain(
    `db_client_connection_count{${labels},db_client_connection_state="idle",${identity}} 2`,
  );
  expect(metrics).toContain(`db_client_connection_pending_requests{${labels},${identity}} 1`);
  expect(metrics).toContain(`db_client_connection_wait_time_seconds_count{${labels},${identity}} 1`);
  pool.stop();
  expect(await captured.metrics()).not.toContain('db_client_connection_pending_requests{');
});

test.each([
  ['an aborted call', new DOMException('gone', 'AbortError'), undefined],
  ['a timeout of a signal', new DOMException('too long', 'TimeoutError'), 'TimeoutError'],
  ['a code of the client', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['a class', new RangeError('x'), 'RangeError'],
  ['a message that says that it took too long', new Error('Query read timeout'), 'TimeoutError'],
  ['nothing that says more', new Error('Connection terminated'), 'Error'],
])('%s: span and metric have the same error type', async (_what, error, type) => {
  withSpan('service', () => databases.start({ system: 'acme', name: 'GET' }).end({ error }));
  const span = await client();
  expect(span.attributes['error.type']).toBe(type);
  expect(span.status.code).toBe(type === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR);
  const labels = /^db_client_operation_duration_seconds_count\{([^}]*)\} 1/m.exec(
    await captured.metrics(),
  )?.[1];
  expect(/error_type="([^"]*)"/.exec(labels ?? '')?.[1]).toBe(type);
});

describe('an operation that is prepared', () => {
  const select = {
    system: 'postgresql',
    name: 'SELECT',
    summary: 'SELECT orders',
    // Long enough to be measured, and with a secret.
    queryText: `SELECT * FROM orders WHERE password = 'x1y2z3s3cret' AND note IN (${'?, '.repeat(60)}?)`,
    serverAddress: 'db',
    serverPort: 5432,
    attributes: { 'acme.shard': 3, 'acme.tags': ['a', 'b'] },
  };

  test.each([
    ['as it is', select],
    ['without a list', { ...select, attributes: { 'acme.shard': 3 } }],
    ['with a short text', { ...select, queryText: 'SELECT 1', attributes: undefined }],
    ['with a text of its own', { ...select, queryText: undefined }],
  ])('%s: each one it starts is recorded like one that is not prepared', async (_how, operation) => {
    const own = { queryText: "GET 'key' token = 's3cret-t0ken'" };
    await withSpan('service', async () => {
      const prepared = databases.prepare(operation);
      const text = operation.queryText === undefined ? own : undefined;
      for (let i = 0; i < 3; i++) {
        const started = prepared.start(undefined, text);
        started.span?.setAttribute('acme.shard', i);
        started.end();
      }
      databases.start({ ...operation, ...text }).end();
    });
    await captured.waitForSpan((span) => span.name === 'service');
    const spans = captured.spans.filter((span) => span.kind === SpanKind.CLIENT);
    const [first, second, third, plain] = spans.map(({ attributes }) => attributes);
    expect([first, second, third].map((attributes) => attributes?.['acme.shard'])).toEqual([0, 1, 2]);
    const shard = operation.attributes?.['acme.shard'];
    for (const attributes of [first, second, third]) {
      expect({ ...attributes, 'acme.shard': shard }).toEqual({ ...plain, 'acme.shard': shard });
    }
    expect(JSON.stringify(first)).not.toMatch(/s3cret/);
    expect(await captured.metrics()).toMatch(/db_operation_name="SELECT"[^}]*\} 4\n/);
  });

  test('a text that is longer than the service allows is cut', async () => {
    await captured.stop();
    captured = captureObservability({ plugins: [plugin], env: { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '20' } });
    withSpan('service', () => databases.prepare(select).start().end());
    expect((await client()).attributes['db.query.text']).toHaveLength(20);
  });

  test('its own text takes the place of the shared one', async () => {
    withSpan('service', () => databases.prepare(select).start(undefined, { queryText: 'SELECT 2' }).end());
    expect((await client()).attributes['db.query.text']).toBe('SELECT 2');
  });

  test('a text that cannot be made costs the service nothing', () => {
    const failing = {
      get queryText(): string {
        throw new Error('no text');
      },
    };
    withSpan('service', () => databases.prepare({ system: 'acme' }).start(undefined, failing).end());
    withSpan('service', () =>
      databases
        .prepare(Object.assign(failing, { system: 'acme' }))
        .start()
        .end(),
    );
  });
});
