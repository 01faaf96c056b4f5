import { trace } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import { collectGarbage } from '@throughline/testbed/collect-garbage';
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { afterEach, expect, test, vi } from 'vitest';
import { type CapturedDatabase, captureDatabase, errorOf, facts } from '../../test/captured-database.js';
import { describeWith } from '../../test/parts/part.js';
import { postgres } from '../../test/parts/postgres.js';

describeWith(postgres, 'pools of pg', (url) => {
  let captured: CapturedDatabase;
  const pools: pg.Pool[] = [];
  const closing: Promise<void>[] = [];
  const pooled = (options: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString: url(), ...options });
    pool.on('error', () => {});
    // pg lets the errors of a client that is gone out twice, the second time without a listener.
    pool.on('connect', (client) => {
      client.on('error', () => {});
      // A pool forgets those whose query it refused, and its own listener on them throws when the server goes.
      closing.push(new Promise<void>((resolve) => void client.once('end', resolve)));
    });
    pools.push(pool);
    return pool;
  };
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.ended || pool.end()));
    await Promise.all(closing.splice(0));
    await captured.stop();
  });
  const poolLines = async () =>
    (await captured.metrics())
      .split('\n')
      .filter((line) => /^db_client_connection_(count|pending_requests|wait_time_seconds_count)\{/.test(line))
      .map((line) => {
        const [, name, state = '', value] =
          /^db_client_connection_(\w+)\{(?:.*state="(\w+)")?.*\} (\d+)/.exec(line) ?? [];
        return `${name} ${state} ${value}`;
      });

  test('what a service hears of its queries, it hears in the context of their caller', async () => {
    captured = captureDatabase();
    const seen: [message: string, active: string | undefined][] = [];
    const see = (message: string) => seen.push([message, trace.getActiveSpan()?.spanContext().spanId]);
    // One connection, so that a query goes out in the turn of another.
    const listened = pooled({ max: 1 });
    listened.on('release', () => see('release'));
    const callers = await Promise.all(
      [pooled({ max: 1, log: see }), listened].flatMap((pool) =>
        [1, 2, 3].map(() =>
          withSpan('caller', async (span) => {
            await pool.query('SELECT 1');
            expect(trace.getActiveSpan()).toBe(span);
            return span.spanContext().spanId;
          }),
        ),
      ),
    );
    for (const heard of ['dispatching query', 'query dispatched', 'release']) {
      const spans = seen.filter(([message]) => message === heard).map(([, active]) => active);
      expect(new Set(spans)).toEqual(new Set(heard === 'release' ? callers.slice(3) : callers.slice(0, 3)));
    }
  });

  test.each(['before', 'after'] as const)('a query of a pool made %s init is one span', async (order) => {
    if (order === 'before') {
      await pooled().query('SELECT 1');
    }
    captured = captureDatabase();
    const pool = pools[0] ?? pooled();
    for (let i = 0; i < 2; i++) {
      const { result, spans } = await captured.request(() => pool.query('SELECT $1::int AS a', [7]));
      expect(result.rows).toEqual([{ a: 7 }]);
      expect(spans).toHaveLength(1);
      expect(spans[0]?.attributes).toMatchObject({
        'db.namespace': 'shop',
        'server.address': new URL(url()).hostname,
        'server.port': Number(new URL(url()).port),
        'db.query.text': 'SELECT $1::int AS a',
      });
    }
    expect(await poolLines()).toEqual(
      expect.arrayContaining(['count used 0', 'count idle 1', 'pending_requests  0']),
    );
  });

  test.each([
    ['no server', 'ECONNREFUSED', { port: 1 }],
    ['a wrong user', '28P01', { user: 'nobody', password: 'x' }],
    ['a database that does not exist', '3D000', { database: 'nothing' }],
  ])('%s: span and metric name the same error', async (_name, type, options) => {
    captured = captureDatabase();
    const { hostname, port, username, password } = new URL(url());
    const pool = pooled({
      connectionString: undefined,
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: 'shop',
      ...options,
    });
    const { spans } = await captured.request(() => expect(pool.query('SELECT 1')).rejects.toThrow());
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([type]);
    expect(await captured.metrics()).toMatch(
      new RegExp(`db_client_operation_duration_seconds_count\\{[^}]*error_type="${type}"[^}]*\\} 1\\b`),
    );
  });

  test('a pool that is forgotten is not kept alive, and its metrics go', async () => {
    captured = captureDatabase();
    const weak = await (async () => {
      const pool = new pg.Pool({ connectionString: url(), idleTimeoutMillis: 1 });
      const removed = new Promise((resolve) => pool.once('remove', resolve));
      await pool.query('SELECT 1');
      await removed;
      return new WeakRef(pool);
    })();
    await vi.waitFor(
      async () => {
        collectGarbage();
        // Not the pool itself, which a failed assertion would keep.
        expect(weak.deref() === undefined).toBe(true);
        expect(await poolLines()).toEqual(['wait_time_seconds_count  1']);
      },
      { timeout: 10_000 },
    );
  });

  test('a transaction on a client of the pool, and a stream', async () => {
    captured = captureDatabase();
    const pool = pooled();
    const { spans } = await captured.request(async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      for await (const _row of client.query(new QueryStream('SELECT generate_series(1, 10)'))) {
      }
      await client.query('ROLLBACK');
      client.release();
    });
    expect(spans.map(({ name }) => name)).toEqual(['BEGIN', 'SELECT', 'ROLLBACK']);
  });

  const faults: readonly [name: string, type: string, fail: (pool: pg.Pool) => Promise<unknown>][] = [
    [
      'a pool that is exhausted',
      'TimeoutError',
      async (pool) => {
        const client = await pool.connect();
        try {
          await pool.query('SELECT 1');
        } finally {
          client.release();
        }
      },
    ],
    [
      'a pool that has ended',
      'Error',
      async (pool) => {
        await pool.end();
        await pool.query('SELECT 1');
      },
    ],
    ['a syntax error', '42601', (pool) => pool.query('SELEC 1')],
    ['the server gone', '57P01', (pool) => pool.query('SELECT pg_terminate_backend(pg_backend_pid())')],
  ];
  test.each(faults)('%s: the same error as without us, on one span', async (_name, type, fail) => {
    captured = captureDatabase();
    await captured.stop();
    const options = { max: 1, connectionTimeoutMillis: 700 };
    const expected = await errorOf(() => fail(pooled(options)));
    captured = captureDatabase();
    const pool = pooled(options);
    const { result: error, spans } = await captured.request(() => errorOf(() => fail(pool)));
    expect(facts(error)).toEqual(facts(expected));
    expect(spans.map((span) => span.attributes['error.type'])).toEqual([type]);
  });

  test('no server', async () => {
    captured = captureDatabase();
    const pool = pooled({ connectionString: 'postgres://u:p@127.0.0.1:1/shop' });
    const { result: error, spans } = await captured.request(() => errorOf(() => pool.query('SELECT 1')));
    expect(error.code).toBe('ECONNREFUSED');
    expect(spans[0]?.attributes).toMatchObject({ 'error.type': 'ECONNREFUSED', 'server.port': 1 });
  });

  test('arguments that pg refuses are refused alike', async () => {
    const refused = async () => {
      const pool = pooled();
      const call = pool.query.bind(pool) as (...args: unknown[]) => unknown;
      return Promise.all(
        [[], [null], [7], [() => {}], [{}], ['SELECT 1', 7]].map(async (args) => {
          try {
            return ((await call(...args)) as pg.QueryResult | undefined)?.rowCount;
          } catch (error) {
            return facts(error as Error);
          }
        }),
      );
    };
    captured = captureDatabase();
    await captured.stop();
    const expected = await refused();
    captured = captureDatabase();
    expect(await refused()).toEqual(expected);
  });
});
