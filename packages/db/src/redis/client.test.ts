import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import type { ObservabilityPlugin } from '@throughline/core/plugin';
import {
  type CapturedObservability,
  captureObservability,
  testDatabaseClient,
} from '@throughline/core/testing';
import { casesNamed } from '@throughline/testbed/cases';
import * as redis6 from 'redis';
import * as redis4 from 'redis4';
import * as redis4Oldest from 'redis4-oldest';
import * as redis5 from 'redis5';
import * as redis5Oldest from 'redis5-oldest';
import { afterEach, describe, expect, test } from 'vitest';
import { addressOf, redis as server, startedCluster, startSeparateRedis } from '../../test/parts/redis.js';
import type { DatabaseClientContext } from '../client/client-context.js';
import { type DbPluginOptions, dbPlugin } from '../db-plugin.js';
import { createRedisOperations } from './operations.js';
import { patchBundledClients } from './setup.js';

const copies = [
  ['redis 6', redis6, 6],
  ['redis 5', redis5, 5],
  ['redis 5.0.0', redis5Oldest, 5],
  ['redis 4', redis4, 4],
  ['redis 4.0.0', redis4Oldest, 4],
] as unknown as readonly (readonly [string, typeof redis6, number])[];

let captured: CapturedObservability;
const open: { disconnect(): unknown; readonly isOpen: boolean }[] = [];

function start(options?: DbPluginOptions) {
  captured = captureObservability({ plugins: [dbPlugin(options)] });
}

afterEach(async () => {
  for (const client of open.splice(0)) if (client.isOpen) await client.disconnect();
  await captured?.stop();
});

const clientSpans = () => captured.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
const texts = () => clientSpans().map((span) => span.attributes['db.query.text']);
/** Runs in a span of the service, and gives the client spans in it. */
async function spansOf(run: () => unknown) {
  await withSpan('service', run);
  const service = await captured.waitForSpan(({ name }) => name === 'service');
  for (const span of clientSpans()) {
    expect(span.parentSpanContext?.spanId).toBe(service.spanContext().spanId);
  }
  return clientSpans();
}

/** A test that is there only for the versions that it is about. */
const onlyIf = (applies: boolean) => (applies ? test : () => {});

// Of each major version the newest or the oldest.
const copiesToRun = casesNamed(copies, ([name]) => name, ['redis 6', 'redis 5.0.0', 'redis 4.0.0']);
describe.skipIf(!server).each(copiesToRun)('%s', (name, redis, major) => {
  const url = server?.url ?? '';
  const { host, port } = addressOf(url || 'redis://127.0.0.1');
  function create(options: object = {}, database = 0) {
    const client = redis.createClient({ url: `${url}/${database}`, ...options });
    client.on('error', () => {});
    open.push(client);
    return client;
  }
  /** The methods that the patch replaces, of the class behind the client. */
  const patched = () => {
    const methods: unknown[] = [];
    for (let at = Object.getPrototypeOf(redis.createClient()); at; at = Object.getPrototypeOf(at)) {
      for (const name of ['sendCommand', '_executeMulti', 'multiExecutor']) {
        if (Object.hasOwn(at, name)) methods.push(at[name]);
      }
    }
    return methods;
  };
  async function connect(options: object = {}, database = 0) {
    const client = create(options, database);
    await client.connect();
    return client;
  }

  testDatabaseClient(test, {
    plugin: dbPlugin,
    async connect() {
      const client = await connect({}, 2);
      await client.append('text', 'a');
      return {
        read: () => client.set('product', 's3cret', { EX: 10 }),
        fail: () => client.lPush('text', 'b'),
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
    patched,
  });

  onlyIf(major !== 4)('a bundled client is found through its module, in every form', async () => {
    for (const given of [redis, { default: redis }]) {
      // Alone, without what finds the client in the module cache.
      const plugin: ObservabilityPlugin = {
        name: 'bundled',
        setup: (context) =>
          patchBundledClients(
            given,
            createRedisOperations({
              ...context,
              modules: undefined,
              queryText: 'sanitized',
              maxQueryTextLength: 2_048,
              rootSpans: false,
              sqlComments: false,
            } satisfies DatabaseClientContext),
          ),
      };
      captured = captureObservability({ plugins: [plugin] });
      expect(await spansOf(async () => (await connect()).get('a'))).toHaveLength(1);
      await captured.stop();
    }
  });

  test('given modules that are not bundled are no error', async () => {
    start({ modules: { redis } });
    await spansOf(async () => (await connect()).get('a'));
    expect(texts()).toEqual(['GET a']);
    expect(captured.logLines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  test('what the client sends to set up its connection is nobody’s', async () => {
    start();
    await spansOf(async () => {
      const client = await connect({ name: 'orders', pingInterval: 10_000 }, 3);
      await client.ping();
    });
    expect(clientSpans().map(({ name }) => name)).toEqual(['PING']);
  });

  test('the database is the one that is selected', async () => {
    start();
    const client = await connect();
    await client.select(4);
    const [span] = await spansOf(() => client.get('a'));
    expect(span?.name).toBe('GET');
  });

  test('a command that waits for the connection belongs to its caller', async () => {
    start();
    const client = create();
    const storage = new AsyncLocalStorage<string>();
    await spansOf(async () => {
      const connected = client.connect();
      await storage.run('caller', async () => {
        await client.get('a');
        expect(storage.getStore()).toBe('caller');
      });
      await connected;
    });
    expect(texts()).toEqual(['GET a']);
  });

  test('text that is cut; passwords never', async () => {
    start({ queryText: 'raw', maxQueryTextLength: 12 });
    const client = await connect();
    await spansOf(async () => {
      await client.set('a', 'shown, but cut');
      await client.sendCommand(['AUTH', 'hunter2']).catch(() => {});
    });
    expect(texts()).toEqual(['SET a shown,', 'AUTH ?']);
  });

  test.each([
    [
      'sendCommand',
      (client: Awaited<ReturnType<typeof connect>>) => client.sendCommand(['LPUSH', 'text', 'b']),
    ],
  ])('a rejection of %s that nobody handles is still unhandled', async (_of, run) => {
    start();
    const client = await connect();
    await client.set('text', 'a');
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const errors: unknown[] = [];
    process.on('unhandledRejection', (error) => errors.push(error));
    try {
      const unhandled = once(process, 'unhandledRejection');
      void run(client);
      await unhandled;
      await client.ping();
      expect(errors).toMatchObject([{ message: /^WRONGTYPE / }]);
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of before) process.on('unhandledRejection', listener);
    }
  });

  test('a transaction is one span, and so is a pipeline', async () => {
    start();
    const client = await connect();
    await spansOf(async () => {
      expect(await client.multi().set('a', '1').incr('a').exec()).toEqual(['OK', 2]);
      const pipeline = client.multi();
      for (let index = 0; index < 12; index++) pipeline.set(`key-${index}`, 'secret');
      expect(await pipeline.execAsPipeline()).toHaveLength(12);
    });
    expect(clientSpans().map(({ name }) => name)).toEqual(['MULTI', 'PIPELINE']);
    expect(clientSpans().map((span) => span.attributes['db.operation.batch.size'])).toEqual([2, 12]);
    expect(texts()).toEqual(['SET a ?; INCR a', expect.stringMatching(/^SET key-0 \?; .*SET key-9 \?; …$/)]);
  });

  test('an error in a transaction or pipeline is on its span', async () => {
    start();
    const client = await connect();
    await client.set('text', 'a');
    await spansOf(async () => {
      const results = client.multi().get('text').lPush('text', 'b').exec();
      if (name === 'redis 4.0.0') expect((await results)[1]).toBeInstanceOf(Error);
      else await expect(results).rejects.toThrow();
      await expect(client.multi().addCommand(['NO-SUCH']).exec()).rejects.toThrow();
      await expect(client.multi().lPush('text', 'b').execAsPipeline()).rejects.toThrow();
    });
    expect(clientSpans().map((span) => span.attributes['error.type'])).toEqual([
      'WRONGTYPE',
      expect.stringMatching(/^(ERR|EXECABORT)$/),
      'WRONGTYPE',
    ]);
  });

  onlyIf('defineScript' in redis)('scripts are EVALSHA, with their keys', async () => {
    start();
    const add = redis.defineScript({
      NUMBER_OF_KEYS: 1,
      SCRIPT: 'return redis.call("INCRBY", KEYS[1], ARGV[1])',
      transformArguments: (key: string, by: number) => [key, String(by)],
      parseCommand(parser: { pushKey(key: string): void; push(arg: string): void }, key: string, by: number) {
        parser.pushKey(key);
        parser.push(String(by));
      },
      transformReply: (reply: number) => reply,
    } as never);
    const client = (await connect({ scripts: { add } })) as unknown as Awaited<ReturnType<typeof connect>> & {
      add(key: string, by: number): Promise<number>;
    };
    await client.del('sum');
    await client.scriptFlush();
    await spansOf(async () => expect(await client.add('sum', 3)).toBe(3));
    expect(texts()).toEqual(['EVALSHA ? ? sum ?', 'EVAL ? ? sum ?']);
    expect(clientSpans()[0]?.attributes['error.type']).toBe('NOSCRIPT');
  });

  test('blocking commands end, and subscriptions work', async () => {
    start();
    const client = await connect();
    const subscriber = await connect();
    await client.del('queue');
    await spansOf(async () => {
      await client.blPop('queue', 0.01);
      let hear = (_message: string) => {};
      const heard = new Promise<string>((resolve) => {
        hear = resolve;
      });
      await subscriber.subscribe('news', (message) => hear(message));
      await client.publish('news', 'secret');
      expect(await heard).toBe('secret');
    });
    expect(texts()).toContain('BLPOP queue ?');
    expect(texts()).toContain('PUBLISH ? ?');
  });

  test('a closed client, and no server: the span ends with the error that the service gets', async () => {
    start();
    const closed = redis.createClient({ url });
    const [span] = await spansOf(() => expect(closed.get('a')).rejects.toThrow('The client is closed'));
    // Version 4 refuses before its queue, where the patch is.
    expect(span?.status.code).toBe(major === 4 ? undefined : SpanStatusCode.ERROR);
    captured.reset();
    const refused = redis.createClient({ socket: { host: '127.0.0.1', port: 1, reconnectStrategy: false } });
    refused.on('error', () => {});
    const [second] = await spansOf(async () => {
      const connecting = refused.connect().catch(() => {});
      await expect(refused.get('a')).rejects.toThrow();
      await connecting;
    });
    expect(second?.status.code).toBe(SpanStatusCode.ERROR);
  });

  onlyIf(major > 4)('a command that the service cancels is no error', async () => {
    start();
    const client = create();
    const controller = new AbortController();
    // Not connected: the commands wait.
    const waiting = (options: object) => client.withCommandOptions(options).get('a');
    await spansOf(async () => {
      void client.connect().catch(() => {});
      const cancelled = waiting({ abortSignal: controller.signal });
      controller.abort();
      await expect(cancelled).rejects.toThrow();
    });
    expect(clientSpans().map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET]);
    expect(await captured.metrics()).not.toContain('error_type="AbortError"');
  });

  test('a server that is killed in the middle of a command ends the span', async () => {
    start();
    const own = await startSeparateRedis();
    const client = redis.createClient({
      socket: { host: '127.0.0.1', port: own.port, reconnectStrategy: false },
    });
    client.on('error', () => {});
    await client.connect();
    await spansOf(async () => {
      const blocked = client.blPop('never', 0);
      const pipeline = client.multi().get('a').exec();
      const settled = Promise.allSettled([blocked, pipeline]);
      setImmediate(own.kill);
      expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    });
    expect(clientSpans().map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.ERROR,
    ]);
  });

  test('a cluster’s commands count once, and its own not at all', async () => {
    start();
    const own = await startedCluster();
    const cluster = redis.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${own.port}` }] });
    await spansOf(async () => {
      await cluster.connect();
      await cluster.set('a', 'secret');
      await cluster.multi().set('a', 'secret').get('a').exec();
      await cluster.lPush('a', 'b').catch(() => {});
    });
    expect(texts()).toEqual(['SET a ?', 'SET a ?; GET a', 'LPUSH a ?']);
    expect(clientSpans()[0]?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': own.port,
    });
    await cluster.disconnect();
  });

  test('a pool’s commands are observed', async () => {
    if (!('createClientPool' in redis)) return;
    start();
    const pool = redis.createClientPool({ url });
    await pool.connect();
    await spansOf(async () => {
      await pool.get('a');
      await pool.multi().get('a').exec();
    });
    expect(texts()).toEqual(['GET a', 'GET a']);
    await pool.close();
  });
});
