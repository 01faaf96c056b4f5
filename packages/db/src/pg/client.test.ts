import { createRequire } from 'node:module';
import { context, createContextKey, SpanStatusCode, trace } from '@opentelemetry/api';
import { testDatabaseClient } from '@throughline/core/testing';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { afterEach, expect, test } from 'vitest';
import { type CapturedDatabase, captureDatabase, errorOf, facts } from '../../test/captured-database.js';
import { describeWith } from '../../test/parts/part.js';
import { postgres } from '../../test/parts/postgres.js';
import { dbPlugin } from '../index.js';

const key = createContextKey('caller');

describeWith(postgres, 'clients of pg', (url) => {
  let captured: CapturedDatabase;
  const clients: pg.Client[] = [];
  const connected = async (options: pg.ClientConfig = {}) => {
    const client = new pg.Client({ connectionString: url(), ...options });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  };
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})));
    await captured?.stop();
  });

  const statement = "SELECT relname FROM pg_class WHERE relname = 's3cret' LIMIT 1";
  const basePool = Object.getPrototypeOf(pg.Pool.prototype);
  testDatabaseClient(test, {
    plugin: dbPlugin,
    async connect() {
      const client = new pg.Client(url());
      await client.connect();
      return {
        read: () => client.query(statement),
        fail: () => client.query('SELEC 1'),
        readWithCallback: (done) => client.query(statement, done),
        failWithCallback: (done) => client.query('SELEC 1', done),
        close: () => client.end(),
      };
    },
    read: {
      name: 'SELECT pg_class',
      attributes: () => ({
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'pg_class',
        'db.query.summary': 'SELECT pg_class',
        'server.address': new URL(url()).hostname,
        'server.port': Number(new URL(url()).port),
      }),
      queryText: { raw: statement, sanitized: 'SELECT relname FROM pg_class WHERE relname = ? LIMIT ?' },
    },
    failure: { errorType: '42601', statusCode: '42601' },
    patched: () => [pg.Client.prototype.query, basePool.connect, basePool.query, basePool.end],
    createPool() {
      const pool = new pg.Pool({ connectionString: url(), max: 1 });
      return {
        name: `${new URL(url()).host}/shop`,
        read: () => pool.query(statement),
        readWithCallback: (done) => pool.query(statement, done),
        acquire: () => pool.connect(),
        close: () => pool.end(),
      };
    },
  });

  test('without a span around it an operation starts a trace, by option', async () => {
    captured = captureDatabase({ rootSpans: true });
    await (await connected()).query('SELECT 1');
    expect((await captured.waitForSpan(({ name }) => name === 'SELECT')).parentSpanContext).toBeUndefined();
  });

  test('a copy of pg that is loaded after init', async () => {
    captured = captureDatabase();
    const require = createRequire(import.meta.url);
    const loaded = Object.entries(require.cache).filter(([file]) =>
      /[\\/]node_modules[\\/]pg[\\/]/.test(file),
    );
    for (const [file] of loaded) delete require.cache[file];
    try {
      const copy: typeof pg = require('pg');
      expect(copy.Client).not.toBe(pg.Client);
      const pool = new copy.Pool({ connectionString: url() });
      const { spans } = await captured.request(() => pool.query('SELECT 1'));
      expect(spans).toHaveLength(1);
      await pool.end();
    } finally {
      for (const [file, module] of loaded) require.cache[file] = module;
    }
  });

  test('given as modules, a namespace too', async () => {
    const namespace = await import('pg');
    captured = captureDatabase({ modules: { pg: { default: namespace.default } } });
    const client = await connected();
    const { spans } = await captured.request(() => client.query('SELECT 1'));
    expect(spans).toHaveLength(1);
  });

  test('the forms of a call', async () => {
    captured = captureDatabase();
    const client = await connected();
    const text = 'SELECT $1::int AS a';
    const rows: unknown[] = [];
    type Done = (error: Error | null, result: pg.QueryResult) => void;
    const viaCallback = (call: (done: Done) => void) =>
      new Promise<void>((resolve, reject) => {
        call((error, result) => {
          rows.push(result.rows[0]);
          error ? reject(error) : resolve();
        });
      });
    const { spans } = await captured.request(async () => {
      rows.push((await client.query({ text, values: [1] })).rows[0]);
      rows.push((await client.query({ name: 'named', text }, [2])).rows[0]);
      await viaCallback((done) => client.query(text, [3], done));
      await viaCallback((done) => client.query('SELECT 4 AS a', done));
      await viaCallback((done) => client.query({ text, values: [5] }, done));
      await viaCallback((callback) => client.query({ text, values: [6], callback } as pg.QueryConfig));
      rows.push((await client.query({ text, values: [7], rowMode: 'array' })).rows[0]);
      const query = new pg.Query<{ a: number }>('SELECT 8 AS a');
      await new Promise<void>((resolve, reject) => {
        query.on('row', (row) => rows.push(row));
        query.on('end', () => resolve());
        query.on('error', reject);
        expect(client.query(query)).toBe(query);
      });
    });
    expect(rows).toEqual([...[1, 2, 3, 4, 5, 6].map((a) => ({ a })), [7], { a: 8 }]);
    expect(spans.map((span) => span.attributes['db.query.text'])).toEqual([
      ...['SELECT $1::int AS a', 'SELECT $1::int AS a', 'SELECT $1::int AS a', 'SELECT ? AS a'],
      ...['SELECT $1::int AS a', 'SELECT $1::int AS a', 'SELECT $1::int AS a', 'SELECT ? AS a'],
    ]);
  });

  test('a configuration object is the same afterwards, and may be frozen', async () => {
    captured = captureDatabase({ sqlComments: true });
    const client = await connected();
    const config = Object.freeze({ text: 'SELECT 1' });
    const { spans } = await captured.request(() => client.query(config));
    expect(spans).toHaveLength(1);
    expect(config).toEqual({ text: 'SELECT 1' });
  });

  test('a transaction', async () => {
    captured = captureDatabase();
    const client = await connected();
    const { spans } = await captured.request(async () => {
      await client.query('BEGIN');
      await client.query('CREATE TEMP TABLE orders (id int) ON COMMIT DROP');
      await client.query('INSERT INTO orders VALUES ($1), ($2)', [1, 2]);
      await client.query('COMMIT');
    });
    expect(spans.map(({ name }) => name)).toEqual([
      'BEGIN',
      'CREATE TABLE orders',
      'INSERT orders',
      'COMMIT',
    ]);
  });

  test('query objects and cursors call back in the context of the call, with the span of the caller', async () => {
    captured = captureDatabase();
    const client = await connected();
    await captured.request(async () => {
      const caller = trace.getActiveSpan();
      const seen = (call: (done: () => void) => void) =>
        new Promise((resolve) => {
          context.with(context.active().setValue(key, 'here'), () =>
            call(() => resolve([context.active().getValue(key), trace.getActiveSpan() === caller])),
          );
        });
      expect(await seen((done) => client.query(new pg.Query('SELECT 1')).on('end', done))).toEqual([
        'here',
        true,
      ]);
      const cursor = new Cursor('SELECT generate_series(1, 3)');
      expect(await seen((done) => client.query(cursor).read(2, done))).toEqual(['here', true]);
      await cursor.close();
      await client.query('SELECT 1');
      expect(trace.getActiveSpan()).toBe(caller);
    });
  });

  test('cursors: read to the end, closed early, failed', async () => {
    captured = captureDatabase();
    const client = await connected();
    const { spans } = await captured.request(async () => {
      const whole = client.query(new Cursor('SELECT generate_series(1, 3) AS a'));
      expect(await whole.read(2)).toHaveLength(2);
      expect(await whole.read(2)).toHaveLength(1);
      expect(await whole.read(2)).toHaveLength(0);
      const early = client.query(new Cursor('SELECT generate_series(1, 1000) AS b'));
      expect(await early.read(1)).toEqual([{ b: 1 }]);
      await early.close();
      const failing = client.query(new Cursor('SELECT 1 / (generate_series(1, 3) - 2) AS c'));
      expect(await errorOf(() => failing.read(100))).toMatchObject({ code: '22012' });
      // The client goes on.
      expect((await client.query('SELECT 1 AS d')).rows).toEqual([{ d: 1 }]);
    });
    expect(spans.map((span) => span.attributes['db.response.status_code'])).toEqual([
      undefined,
      undefined,
      '22012',
      undefined,
    ]);
    expect(Object.keys(new Cursor('SELECT 1'))).not.toContain('handleError');
  });

  test('streams: read to the end, left by a loop, destroyed', async () => {
    captured = captureDatabase();
    const client = await connected();
    const { spans } = await captured.request(async () => {
      const rows: unknown[] = [];
      for await (const row of client.query(new QueryStream('SELECT generate_series(1, 250) AS a')))
        rows.push(row);
      expect(rows).toHaveLength(250);
      for await (const _row of client.query(new QueryStream('SELECT generate_series(1, 1000) AS b'))) break;
      const stream = client.query(new QueryStream('SELECT generate_series(1, 1000) AS c'));
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.once('error', () => {});
      stream.once('data', () => stream.destroy(new RangeError('abandoned')));
      await closed;
      await client.query('SELECT 1');
    });
    expect(spans.map((span) => [span.attributes['db.query.text'], span.attributes['error.type']])).toEqual([
      ['SELECT generate_series(?, ?) AS a', undefined],
      ['SELECT generate_series(?, ?) AS b', undefined],
      ['SELECT generate_series(?, ?) AS c', 'RangeError'],
      ['SELECT ?', undefined],
    ]);
  });

  test('comments with the trace, but for prepared statements', async () => {
    const client = await connected();
    const sent = async (fn: () => Promise<pg.QueryResult>) => (await fn()).rows[0].query as string;
    const text = 'SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()';
    captured = captureDatabase({ sqlComments: true });
    const { result, spans } = await captured.request(async () => [
      await sent(() => client.query(text)),
      await sent(() => client.query({ text, values: [] })),
      await sent(() => client.query({ text, name: 'prepared' })),
      await sent(() => client.query(`${text} /*traceparent='00-mine'*/`)),
    ]);
    const commentOf = (index: number) => {
      const { traceId, spanId } = (spans[index] as (typeof spans)[number]).spanContext();
      return `/*traceparent='00-${traceId}-${spanId}-01'*/`;
    };
    expect(result).toEqual([
      `${text} ${commentOf(0)}`,
      `${text} ${commentOf(1)}`,
      text,
      `${text} /*traceparent='00-mine'*/`,
    ]);
    for (const span of spans) expect(span.attributes['db.query.text']).not.toContain('traceparent');
    expect(await sent(() => client.query(text))).toBe(text);
  });

  /* What goes wrong must look to the application as it does without us. */
  const faults: readonly [name: string, code: string, fail: (client: pg.Client) => unknown][] = [
    ['a syntax error', '42601', (client) => client.query('SELEC 1')],
    [
      'a syntax error in a callback',
      '42601',
      (client) => viaCallback((done) => client.query('SELEC 1', done)),
    ],
    [
      'a violated constraint',
      '23505',
      async (client) => {
        await client.query('BEGIN');
        await client.query('CREATE TABLE throughline_one (id int PRIMARY KEY)');
        await client.query('INSERT INTO throughline_one VALUES (1), (1)');
      },
    ],
    ['the server gone', '57P01', (client) => client.query('SELECT pg_terminate_backend(pg_backend_pid())')],
    [
      'the server gone, in a callback',
      '57P01',
      (client) => viaCallback((done) => client.query('SELECT pg_terminate_backend(pg_backend_pid())', done)),
    ],
    [
      'a statement cancelled',
      '57014',
      (client) => client.query('SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)'),
    ],
    [
      'a statement that takes too long',
      '57014',
      async (client) => {
        await client.query('SET statement_timeout = 20');
        await client.query('SELECT pg_sleep(5)');
      },
    ],
    [
      'an answer that takes too long',
      'TimeoutError',
      (client) => client.query({ text: 'SELECT pg_sleep(0.2)', query_timeout: 20 } as pg.QueryConfig),
    ],
    [
      'a client that is closed meanwhile',
      'Error',
      async (client) => {
        const query = client.query('SELECT pg_sleep(5)');
        await Promise.all([query, client.end()]);
      },
    ],
    [
      'a client that is closed',
      'Error',
      async (client) => {
        await client.end();
        await client.query('SELECT 1');
      },
    ],
    [
      'a connection that breaks',
      'Error',
      async (client) => {
        const query = client.query('SELECT pg_sleep(5)');
        const { stream } = (client as unknown as { connection: { stream: import('node:net').Socket } })
          .connection;
        stream.destroy();
        await query;
      },
    ],
    ['values that are none', 'Error', (client) => client.query('SELECT $1', 'x' as never)],
    [
      'a cursor whose client is closed',
      'Error',
      async (client) => {
        const cursor = client.query(new Cursor('SELECT generate_series(1, 1000), pg_sleep(0.01)'));
        const read = cursor.read(1_000);
        await Promise.all([read, client.end()]);
      },
    ],
  ];

  test.each(faults)('%s', async (_name, type, fail) => {
    // Nothing is observed here.
    captured = captureDatabase();
    await captured.stop();
    const expected = await errorOf(async () => fail(await connected()));
    captured = captureDatabase();
    const client = await connected();
    const { result: error, spans } = await captured.request(() => errorOf(() => fail(client)));
    expect(facts(error)).toEqual(facts(expected));
    const span = spans.at(-1);
    expect(span?.status).toMatchObject({ code: SpanStatusCode.ERROR, message: error.message });
    expect(span?.attributes['error.type']).toBe(type);
    expect(span?.attributes['db.response.status_code']).toBe(type.endsWith('Error') ? undefined : type);
    expect(await captured.metrics()).toMatch(
      new RegExp(`db_client_operation_duration_seconds_count\\{[^}]*error_type="${type}"[^}]*\\} 1\\b`),
    );
  });

  test('arguments that pg refuses are refused alike', async () => {
    const refused = async () => {
      const client = await connected();
      const call = client.query.bind(client) as (...args: unknown[]) => unknown;
      return Promise.all(
        [[], [null], [7], [{}], ['SELECT 1', [], 7], [{ text: 'SELECT 1', callback: 7 }], [{ text: 7 }]].map(
          async (args) => facts(await errorOf(() => call(...args))),
        ),
      );
    };
    captured = captureDatabase();
    await captured.stop();
    const expected = await refused();
    captured = captureDatabase();
    expect(await refused()).toEqual(expected);
  });

  test('a query that cannot be described runs unobserved', async () => {
    captured = captureDatabase();
    const client = await connected();
    let reads = 0;
    const config = {
      get text() {
        if (reads++ === 0) throw new Error('not yet');
        return 'SELECT 1 AS a';
      },
    };
    const { result, spans } = await captured.request(() => client.query(config));
    expect(result.rows).toEqual([{ a: 1 }]);
    expect(spans).toEqual([]);
  });

  test('the stack of an error leads to who asked', async () => {
    captured = captureDatabase();
    const client = await connected();
    async function whoAsked() {
      await client.query('SELEC 1');
    }
    expect((await errorOf(whoAsked)).stack).toContain('whoAsked');
  });

  function viaCallback(call: (done: (error: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
  }
});
