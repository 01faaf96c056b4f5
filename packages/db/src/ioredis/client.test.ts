import { AsyncLocalStorage } from 'node:async_hooks';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  captureObservability,
  checkPlugin,
  testDatabaseClient,
} from '@throughline/core/testing';
import { casesNamed } from '@throughline/testbed/cases';
import * as ioredis6 from 'ioredis';
import * as ioredis5 from 'ioredis5';
import * as ioredis5Oldest from 'ioredis5-oldest';
import { afterEach, describe, expect, test } from 'vitest';
import { addressOf, redis as server, startedCluster, startSeparateRedis } from '../../test/parts/redis.js';
import { type DbPluginOptions, dbPlugin } from '../index.js';

const copies = [
  ['ioredis 6', ioredis6],
  ['ioredis 5', ioredis5],
  ['ioredis 5.0.0', ioredis5Oldest],
] as unknown as readonly (readonly [string, typeof ioredis6])[];

let captured: CapturedObservability;
const open: { disconnect(): void }[] = [];

function start(options?: DbPluginOptions) {
  captured = captureObservability({ plugins: [dbPlugin(options)] });
}

afterEach(async () => {
  for (const client of open.splice(0)) client.disconnect();
  await captured?.stop();
});

const clientSpans = () => captured.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
const named = (name: string) => clientSpans().filter((span) => span.attributes['db.operation.name'] === name);
/** Runs in a span of the service, and gives the client spans in it. */
async function spansOf(run: () => unknown) {
  await withSpan('service', run);
  const service = await captured.waitForSpan(({ name }) => name === 'service');
  for (const span of clientSpans()) {
    expect(span.spanContext().traceId).toBe(service.spanContext().traceId);
    expect(span.parentSpanContext?.spanId).toBe(service.spanContext().spanId);
  }
  return clientSpans();
}

test('the plugin keeps the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => dbPlugin())) {
    expect(kept, `${promise}: ${detail}`).toBe(true);
  }
});

// Of each major version the newest or the oldest.
const copiesToRun = casesNamed(copies, ([name]) => name, ['ioredis 6', 'ioredis 5.0.0']);
describe.skipIf(!server).each(copiesToRun)('%s', (_name, { default: Redis, Cluster }) => {
  const url = server?.url ?? '';
  const { host, port } = addressOf(url || 'redis://127.0.0.1');
  function connect(options: object = {}, database = 0) {
    const client = new Redis(`${url}/${database}`, { lazyConnect: true, ...options });
    client.on('error', () => {});
    open.push(client);
    return client;
  }

  testDatabaseClient(test, {
    plugin: dbPlugin,
    async connect() {
      const client = new Redis(`${url}/2`);
      await client.append('text', 'a');
      return {
        read: () => client.set('product', 's3cret', 'EX', 10),
        fail: () => client.lpush('text', 'b'),
        readWithCallback: (done) => client.set('product', 's3cret', 'EX', 10, done),
        failWithCallback: (done) => client.lpush('text', 'b', done),
        close: () => client.disconnect(),
      };
    },
    read: {
      name: 'SET',
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'SET',
        'db.namespace': '2',
        'server.address': host,
        'server.port': port,
      },
      queryText: { sanitized: 'SET product ? ? ?', raw: 'SET product s3cret EX 10' },
    },
    failure: { errorType: 'WRONGTYPE', statusCode: 'WRONGTYPE' },
    patched: () => [Redis.prototype.sendCommand, Cluster.prototype.sendCommand],
  });

  test('modules can be given, in every form', async () => {
    for (const ioredis of [Redis, { default: Redis }]) {
      start({ modules: { ioredis } });
      expect(await spansOf(() => connect().get('a'))).toHaveLength(1);
      await captured.stop();
    }
  });

  test('what the client sends to set up its connection is nobody’s', async () => {
    start();
    const client = connect({ connectionName: 'orders', password: undefined, readOnly: true }, 3);
    await spansOf(async () => {
      await client.connect();
      await client.ping();
    });
    expect(clientSpans().map(({ name }) => name)).toEqual(['PING']);
  });

  test('a command that waits for the connection belongs to its caller', async () => {
    start();
    const client = connect();
    const storage = new AsyncLocalStorage<string>();
    await spansOf(async () => {
      await storage.run(
        'caller',
        () =>
          new Promise<void>((resolve, reject) => {
            client.get('a', (error) => {
              if (error || storage.getStore() !== 'caller') reject(error ?? new Error('context is lost'));
              else resolve();
            });
          }),
      );
    });
    expect(named('GET')).toHaveLength(1);
  });

  test('text that is cut, and what is never shown', async () => {
    start({ queryText: 'raw', maxQueryTextLength: 12 });
    await spansOf(async () => {
      const client = connect();
      await client.set('a', 'shown, but cut');
      await client.call('CONFIG', 'GET', 'requirepass');
    });
    expect(clientSpans().map((span) => span.attributes['db.query.text'])).toEqual([
      'SET a shown,',
      'CONFIG GET ?',
    ]);
  });

  test('passwords are never shown', async () => {
    start({ queryText: 'raw' });
    await spansOf(() =>
      connect()
        .auth('hunter2')
        .catch(() => {}),
    );
    expect(named('AUTH')[0]?.attributes['db.query.text']).toBe('AUTH ?');
    expect(JSON.stringify(clientSpans().map(({ attributes, name }) => ({ attributes, name })))).not.toContain(
      'hunter2',
    );
  });

  test('a pipeline is one span', async () => {
    start();
    const client = connect();
    await client.set('text', 'a');
    const [span, ...others] = await spansOf(async () => {
      const pipeline = client.pipeline();
      for (let index = 0; index < 12; index++) pipeline.set(`key-${index}`, 'secret');
      expect(await pipeline.exec()).toHaveLength(12);
    });
    expect(others).toEqual([]);
    expect(span?.name).toBe('PIPELINE');
    expect(span?.attributes['db.operation.batch.size']).toBe(12);
    expect(span?.attributes['db.query.text']).toMatch(/^SET key-0 \?; .*SET key-9 \?; …$/);
  });

  test('an error in a pipeline is on its span, and in its results', async () => {
    start();
    const client = connect();
    await client.set('text', 'a');
    const [span] = await spansOf(async () => {
      const results = await client.pipeline().get('text').lpush('text', 'b').exec();
      expect(results?.[0]).toEqual([null, 'a']);
      expect(results?.[1]?.[0]).toMatchObject({ message: /^WRONGTYPE / });
    });
    expect(span?.attributes['error.type']).toBe('WRONGTYPE');
  });

  test('a transaction is one span', async () => {
    start();
    const client = connect();
    const [span, ...others] = await spansOf(async () => {
      expect(await client.multi().set('a', '1').incr('a').exec()).toEqual([
        [null, 'OK'],
        [null, 2],
      ]);
    });
    expect(others).toEqual([]);
    expect(span?.name).toBe('MULTI');
    expect(span?.attributes).toMatchObject({
      'db.operation.batch.size': 2,
      'db.query.text': 'SET a ?; INCR a',
    });
  });

  test('an error in a transaction is on its span', async () => {
    start();
    const client = connect();
    await client.set('text', 'a');
    const [failed] = await spansOf(async () => {
      const results = await client.multi().get('text').lpush('text', 'b').exec();
      expect(results?.[1]?.[0]).toMatchObject({ message: /^WRONGTYPE / });
    });
    expect(failed?.attributes['error.type']).toBe('WRONGTYPE');
    captured.reset();
    const [aborted] = await spansOf(async () => {
      await expect(client.multi().call('no-such').exec()).rejects.toMatchObject({ message: /^EXECABORT / });
    });
    expect(aborted?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('commands of automatic pipelines are spans of their callers', async () => {
    start();
    const client = connect({ enableAutoPipelining: true });
    await client.connect();
    const spans = await spansOf(() => Promise.all([client.get('a'), client.get('b')]));
    expect(spans.map((span) => span.attributes['db.query.text'])).toEqual(['GET a', 'GET b']);
  });

  test('scripts are EVALSHA, with their keys', async () => {
    start();
    const client = connect() as ReturnType<typeof connect> & {
      add(key: string, by: number): Promise<number>;
    };
    client.defineCommand('add', { numberOfKeys: 1, lua: 'return redis.call("INCRBY", KEYS[1], ARGV[1])' });
    await client.del('sum');
    const [span, ...others] = await spansOf(async () => expect(await client.add('sum', 3)).toBe(3));
    expect(others).toEqual([]);
    expect(span?.name).toBe('EVALSHA');
    expect(span?.attributes['db.query.text']).toBe('EVALSHA ? ? sum ?');
  });

  test('blocking commands and subscriptions end', async () => {
    start();
    const client = connect();
    const subscriber = connect();
    await client.del('queue');
    await spansOf(async () => {
      await client.blpop('queue', 0.01);
      await subscriber.subscribe('news');
      await client.publish('news', 'secret');
      await subscriber.unsubscribe('news');
    });
    expect(clientSpans().map((span) => span.attributes['db.query.text'])).toEqual([
      'BLPOP queue ?',
      'SUBSCRIBE ?',
      'PUBLISH ? ?',
      'UNSUBSCRIBE ?',
    ]);
  });

  test('no server: the span ends with the error that the service gets', async () => {
    start();
    const client = new Redis({
      port: 1,
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    open.push(client);
    const [span] = await spansOf(() => expect(client.get('a')).rejects.toThrow());
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    captured.reset();
    const [closed] = await spansOf(() => expect(client.get('a')).rejects.toThrow('Connection is closed.'));
    expect(closed?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('a command that takes too long is a timeout, by span and metric', async () => {
    start();
    const client = connect({ commandTimeout: 20 });
    const [span] = await spansOf(() => expect(client.blpop('never', 5)).rejects.toThrow('timed out'));
    expect(span?.attributes['error.type']).toBe('TimeoutError');
    expect(await captured.metrics()).toMatch(
      /db_client_operation_duration_seconds_count\{[^}]*error_type="TimeoutError"[^}]*\} 1\b/,
    );
  });

  test('a server that is killed in the middle of a command ends the span', async () => {
    start();
    const own = await startSeparateRedis();
    const client = new Redis({ port: own.port, retryStrategy: () => null });
    client.on('error', () => {});
    open.push(client);
    await client.ping();
    await spansOf(async () => {
      const blocked = client.blpop('never', 0);
      const pipeline = client.pipeline().get('a').exec();
      own.kill();
      await expect(blocked).rejects.toThrow('Connection is closed.');
      expect((await pipeline)?.[0]?.[0]).toBeInstanceOf(Error);
    });
    expect(clientSpans().map(({ name, status }) => [name, status.code])).toEqual([
      ['BLPOP', SpanStatusCode.ERROR],
      ['PIPELINE', SpanStatusCode.ERROR],
    ]);
  });

  test('a cluster’s commands count once, and its own not at all', async () => {
    start();
    const own = await startedCluster();
    const cluster = new Cluster([{ host: '127.0.0.1', port: own.port }], { lazyConnect: true });
    open.push(cluster);
    await spansOf(async () => {
      await cluster.set('a', 'secret');
      await cluster.pipeline().set('a', 'secret').get('a').exec();
      await cluster.multi().set('a', 'secret').get('a').exec();
      await cluster.call('LPUSH', 'a', 'b').catch(() => {});
    });
    expect(clientSpans().map((span) => span.attributes['db.query.text'])).toEqual([
      'SET a ?',
      'SET a ?; GET a',
      'SET a ?; GET a',
      'LPUSH a ?',
    ]);
    expect(clientSpans()[0]?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': own.port,
    });
    expect(clientSpans()[3]?.attributes['error.type']).toBe('WRONGTYPE');
  });
});
