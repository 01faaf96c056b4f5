import { context, createContextKey, SpanStatusCode } from '@opentelemetry/api';
import { testDatabaseClient } from '@throughline/core/testing';
import mysql from 'mysql2';
import mysqlPromise from 'mysql2/promise';
import { afterEach, expect, test } from 'vitest';
import { type CapturedDatabase, captureDatabase, errorOf, facts } from '../../test/captured-database.js';
import { mariadb } from '../../test/parts/mariadb.js';
import { describeWith } from '../../test/parts/part.js';
import { dbPlugin } from '../index.js';

const key = createContextKey('caller');
const failedOnce = (type: string) =>
  new RegExp(`db_client_operation_duration_seconds_count\\{[^}]*error_type="${type}"[^}]*\\} 1\\b`);

describeWith(mariadb, 'mysql2', (url) => {
  let captured: CapturedDatabase;
  const open: { destroy?(): void; end(): unknown }[] = [];
  const callbacks = () => {
    const connection = mysql.createConnection(url());
    connection.on('error', () => {});
    open.push(connection);
    return connection;
  };
  const promises = async (options: mysqlPromise.ConnectionOptions = {}) => {
    const connection = await mysqlPromise.createConnection({ uri: url(), ...options });
    connection.on('error', () => {});
    open.push(connection);
    return connection;
  };
  const pooled = (options: mysqlPromise.PoolOptions = {}) => {
    const pool = mysqlPromise.createPool({ uri: url(), ...options });
    open.push(pool);
    return pool;
  };
  afterEach(async () => {
    for (const one of open.splice(0)) {
      if (one.destroy) one.destroy();
      else await one.end();
    }
    await captured?.stop();
  });

  const statement = "SELECT table_name FROM information_schema.tables WHERE table_name = 's3cret' LIMIT 1";
  const exported = mysql as unknown as Record<'Connection' | 'Pool', { prototype: object }>;
  const baseConnection = Object.getPrototypeOf(exported.Connection.prototype);
  const basePool = Object.getPrototypeOf(exported.Pool.prototype);
  testDatabaseClient(test, {
    plugin: dbPlugin,
    async connect() {
      const connection = mysql.createConnection(url());
      await new Promise<void>((resolve, reject) =>
        connection.connect((error) => (error ? reject(error) : resolve())),
      );
      const promised = connection.promise();
      return {
        read: () => promised.query(statement),
        fail: () => promised.query('SELEC 1'),
        readWithCallback: (done) => connection.query(statement, done),
        failWithCallback: (done) => connection.query('SELEC 1', done),
        close: () => connection.destroy(),
      };
    },
    read: {
      name: 'SELECT information_schema.tables',
      attributes: () => ({
        'db.system.name': 'mariadb',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'information_schema.tables',
        'db.query.summary': 'SELECT information_schema.tables',
        'server.address': new URL(url()).hostname,
        'server.port': Number(new URL(url()).port),
      }),
      queryText: {
        raw: statement,
        sanitized: 'SELECT table_name FROM information_schema.tables WHERE table_name = ? LIMIT ?',
      },
    },
    failure: { errorType: 'ER_PARSE_ERROR', statusCode: 'ER_PARSE_ERROR' },
    patched: () => [
      baseConnection.query,
      baseConnection.execute,
      baseConnection.close,
      basePool.getConnection,
    ],
    createPool() {
      const pool = mysql.createPool({ uri: url(), connectionLimit: 1 });
      const promised = pool.promise();
      return {
        name: `${new URL(url()).host}/shop`,
        read: () => promised.query(statement),
        readWithCallback: (done) => pool.query(statement, done),
        acquire: () => promised.getConnection(),
        close: () => promised.end(),
      };
    },
  });

  test('callbacks of every form run in the context of the call', async () => {
    captured = captureDatabase();
    const connection = callbacks();
    const { result, spans } = await captured.request(async () => {
      const seen = (call: (done: () => void) => void) =>
        new Promise((resolve) => {
          context.with(context.active().setValue(key, 'here'), () =>
            call(() => resolve(context.active().getValue(key))),
          );
        });
      return [
        await seen((done) => connection.query('SELECT ?', [1], done)),
        await seen((done) => connection.query({ sql: 'SELECT ?', values: [1] }, done)),
        await seen((done) => connection.execute('SELECT ?', [1], done)),
        await seen((done) => connection.query('SELECT 1').on('end', done)),
      ];
    });
    expect(result).toEqual(Array(4).fill('here'));
    expect(spans).toHaveLength(4);
  });

  test('events and streams, to the end and destroyed', async () => {
    captured = captureDatabase();
    const connection = callbacks();
    const { result, spans } = await captured.request(async () => {
      const rows: unknown[] = [];
      const series = 'SELECT seq FROM seq_1_to_300';
      for await (const row of connection.query(series).stream()) rows.push(row);
      for await (const _row of connection.query(series).stream()) break;
      const error = await errorOf(async () => {
        for await (const row of connection.query('SELEC 1').stream()) rows.push(row);
      });
      await new Promise((resolve) => connection.query('SELECT 1', resolve));
      return { rows: rows.length, code: error.code };
    });
    expect(result).toEqual({ rows: 300, code: 'ER_PARSE_ERROR' });
    expect(spans.map((span) => span.attributes['error.type'])).toEqual([
      undefined,
      undefined,
      'ER_PARSE_ERROR',
      undefined,
    ]);
  });

  test('a transaction', async () => {
    captured = captureDatabase();
    const connection = await promises();
    const { spans } = await captured.request(async () => {
      await connection.query('CREATE TEMPORARY TABLE orders (id int)');
      await connection.beginTransaction();
      await connection.query('INSERT INTO orders (id) VALUES ?', [[[1], [2]]]);
      await connection.commit();
    });
    expect(spans.map(({ name }) => name)).toEqual([
      'CREATE TABLE orders',
      'START TRANSACTION',
      'INSERT orders',
      'COMMIT',
    ]);
  });

  test('a prepared statement', async () => {
    captured = captureDatabase();
    const connection = await promises();
    const { result, spans } = await captured.request(async () => {
      const statement = await connection.prepare('SELECT ? AS a');
      const rows = [(await statement.execute([1]))[0], (await statement.execute([2]))[0]];
      await statement.close();
      return rows;
    });
    expect(result).toEqual([[{ a: 1 }], [{ a: 2 }]]);
    expect(spans.map((span) => span.attributes['db.query.text'])).toEqual(['SELECT ? AS a', 'SELECT ? AS a']);
  });

  test('pools: query and execute are one span each, under their own request', async () => {
    captured = captureDatabase();
    const pool = pooled({ connectionLimit: 1 });
    const requests = Array.from({ length: 4 }, (_, i) =>
      captured.request(async () => {
        await pool.query(`SELECT 'q' AS query_${i}`);
        await pool.execute(`SELECT 'e' AS execute_${i}`);
      }),
    );
    for (const [i, { spans }] of (await Promise.all(requests)).entries()) {
      expect(spans.map((span) => span.attributes['db.query.text'])).toEqual([
        `SELECT ? AS query_${i}`,
        `SELECT ? AS execute_${i}`,
      ]);
      for (const span of spans) expect(span.attributes['db.system.name']).toBe('mariadb');
    }
  });

  test('comments with the trace, but for prepared statements', async () => {
    captured = captureDatabase({ sqlComments: true });
    const connection = await promises();
    const text = 'SELECT info FROM information_schema.processlist WHERE id = connection_id()';
    const { result, spans } = await captured.request(async () => [
      (await connection.query(text))[0],
      (await connection.query({ sql: text }))[0],
      (await connection.execute(text))[0],
    ]);
    const commentOf = (index: number) => {
      const { traceId, spanId } = (spans[index] as (typeof spans)[number]).spanContext();
      return `/*traceparent='00-${traceId}-${spanId}-01'*/`;
    };
    expect(result).toEqual([
      [{ info: `${text} ${commentOf(0)}` }],
      [{ info: `${text} ${commentOf(1)}` }],
      [{ info: text }],
    ]);
  });

  const faults: readonly [string, string, (connection: mysqlPromise.Connection) => Promise<unknown>][] = [
    ['a syntax error', 'ER_PARSE_ERROR', (connection) => connection.query('SELEC 1')],
    [
      'a syntax error in a prepared statement',
      'ER_PARSE_ERROR',
      (connection) => connection.execute('SELEC 1'),
    ],
    [
      'a violated constraint',
      'ER_DUP_ENTRY',
      async (connection) => {
        await connection.query('CREATE TEMPORARY TABLE one (id int PRIMARY KEY)');
        await connection.query('INSERT INTO one VALUES (1), (1)');
      },
    ],
    [
      'the server gone',
      'PROTOCOL_CONNECTION_LOST',
      async (connection) => {
        await Promise.all([connection.query('SELECT sleep(5)'), kill(connection.threadId)]);
      },
    ],
    [
      'a query that is killed',
      'ER_QUERY_INTERRUPTED',
      async (connection) => {
        await Promise.all([
          connection.query(
            'SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b WHERE a.seq > b.seq * a.seq',
          ),
          kill(connection.threadId, 'QUERY'),
        ]);
      },
    ],
    [
      'an answer that takes too long',
      'PROTOCOL_SEQUENCE_TIMEOUT',
      (connection) => connection.query({ sql: 'SELECT sleep(0.3)', timeout: 20 }),
    ],
    [
      'a connection that is closed',
      'Error',
      async (connection) => {
        connection.destroy();
        await connection.query('SELECT 1');
      },
    ],
  ];
  test.each(faults)('%s', async (_name, type, fail) => {
    captured = captureDatabase();
    await captured.stop();
    const expected = await errorOf(async () => fail(await promises()));
    captured = captureDatabase();
    const connection = await promises();
    const { result: error, spans } = await captured.request(() => errorOf(() => fail(connection)));
    expect(facts(error)).toEqual(facts(expected));
    const span = spans.find(({ status }) => status.code === SpanStatusCode.ERROR);
    // A value that the service stored is not shown in the span.
    expect(span?.status.message).toBe(
      error.message.replace("Duplicate entry '1'", "Duplicate entry 'REDACTED'"),
    );
    expect(span?.attributes['error.type']).toBe(type);
    expect(span?.attributes['db.response.status_code']).toBe(type.startsWith('ER_') ? type : undefined);
    expect(await captured.metrics()).toMatch(failedOnce(type));
    if (type === 'ER_PARSE_ERROR') expect(span?.attributes['db.mysql.errno']).toBe(1064);
  });

  test('a query without a callback ends with its connection', async () => {
    captured = captureDatabase();
    const connection = callbacks();
    const { spans } = await captured.request(async () => {
      await new Promise((resolve) => connection.query('SELECT 1', resolve));
      connection.query('SELECT sleep(5)');
      const gone = new Promise((resolve) => connection.once('error', resolve));
      await Promise.all([gone, kill(connection.threadId)]);
    });
    const slow = spans.find((span) => String(span.attributes['db.query.text']).includes('sleep'));
    expect(slow?.attributes['error.type']).toBe('PROTOCOL_CONNECTION_LOST');
  });

  test.each([
    ['no server', 'ECONNREFUSED', { port: 1 }],
    ['a wrong user', 'ER_ACCESS_DENIED_ERROR', { user: 'nobody', password: 'x' }],
    ['a database that does not exist', 'ER_BAD_DB_ERROR', { database: 'nothing' }],
  ])('a pool with %s: span and metric name the same error', async (_name, type, options) => {
    captured = captureDatabase();
    const pool = pooled(options);
    const { spans } = await captured.request(() => errorOf(() => pool.query('SELECT 1')));
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([type]);
    expect(await captured.metrics()).toMatch(failedOnce(type));
  });

  test('a pool that refuses: the same error, on one span', async () => {
    captured = captureDatabase();
    const pool = pooled({ connectionLimit: 1, waitForConnections: false });
    const connection = await pool.getConnection();
    const { result: error, spans } = await captured.request(() => errorOf(() => pool.query('SELECT 1')));
    expect(error.message).toBe('No connections available.');
    expect(spans.map((span) => span.attributes['error.type'])).toEqual(['Error']);
    connection.release();
  });

  test('given as modules', async () => {
    captured = captureDatabase({ modules: { mysql2: { default: mysql } } });
    const connection = await promises();
    const { spans } = await captured.request(() => connection.query('SELECT 1'));
    expect(spans).toHaveLength(1);
  });

  async function kill(threadId: number | null, what = ''): Promise<void> {
    const other = await mysqlPromise.createConnection(url());
    await other.query(`KILL ${what} ${threadId}`);
    other.destroy();
  }
});
