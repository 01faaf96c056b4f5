import { SpanStatusCode, trace } from '@opentelemetry/api';
import { logger, withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { idOf, spansNamed as spansOf, traceIdOf } from '@throughline/testbed/captured-spans';
import type { Job } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { afterEach, describe, expect, test } from 'vitest';
import {
  clientsOf,
  closeAll,
  hasRedis,
  load,
  requireMadeUp,
  signal,
  uniqueName,
} from '../test/parts/queues.js';
import { type BullmqPluginOptions, bullmqPlugin } from './index.js';

const bullmq = load('bullmq');
const { newQueue, newWorker, newFlowProducer } = clientsOf(bullmq);

let captured: CapturedObservability;
const start = (options?: BullmqPluginOptions) => {
  captured = captureObservability({ plugins: [bullmqPlugin(options)] });
};
afterEach(async () => {
  await closeAll();
  await captured?.stop();
});

const spansNamed = (name: string, count: number) => spansOf(captured, name, count);
const spanNamed = (name: string) => captured.waitForSpan((span) => span.name === name);

/** Processes jobs until so many have ended, well or not; gives those that were processed. */
async function process(queue: string, count: number, processor: (job: Job) => unknown = () => {}) {
  const jobs: Job[] = [];
  const done = signal();
  const worker = newWorker(queue, async (job) => {
    jobs.push(job);
    return processor(job);
  });
  let ended = 0;
  const end = () => {
    if (++ended === count) done.fire();
  };
  worker.on('completed', end).on('failed', end);
  await done.fired;
  return jobs;
}

describe.skipIf(!hasRedis)('jobs', () => {
  test('each job of a bulk is processed in the trace that added it, and its lines carry trace and job', async () => {
    start();
    const queue = newQueue();
    const added = await withSpan('request', (span) =>
      queue
        .addBulk([
          { name: 'mail', data: 1 },
          { name: 'push', data: 2 },
        ])
        .then(() => span),
    );
    await process(queue.name, 2, (job) => logger.info('handled', { data: job.data }));
    const send = await spanNamed(`send ${queue.name}`);
    expect(send.attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
    expect(send.parentSpanContext?.spanId).toBe(idOf(added));
    const processed = await spansNamed(`process ${queue.name}`, 2);
    for (const span of processed) expect(span.parentSpanContext?.spanId).toBe(idOf(send));
    expect(processed.map(({ attributes }) => attributes['bullmq.job.name'])).toEqual(['mail', 'push']);
    const lines = captured.logLines.filter(({ message }) => message === 'handled');
    expect(lines).toMatchObject(
      ['mail', 'push'].map((name, n) => ({
        queue: queue.name,
        job_id: String(n + 1),
        job_name: name,
        attempt: 1,
        trace_id: traceIdOf(added),
        span_id: idOf(processed[n]),
      })),
    );
    const metrics = await captured.metrics();
    for (const name of ['messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']) {
      expect(metrics).toMatch(
        new RegExp(
          `${name}\\{messaging_system="bullmq",messaging_destination_name="${queue.name}"[^}]*\\} 2`,
        ),
      );
    }
  });

  test('a flow is one trace, with a send for each of its queues', async () => {
    start();
    const [parent, child] = [uniqueName('parent'), uniqueName('child')];
    const flow = Object.freeze({
      name: 'assemble',
      queueName: parent,
      children: Object.freeze([
        Object.freeze({ name: 'part', queueName: child, opts: { attempts: 1 } }),
        Object.freeze({ name: 'part', queueName: child }),
      ]) as never,
    });
    const root = await withSpan('request', (span) =>
      newFlowProducer()
        .add(flow)
        .then(() => span),
    );
    await Promise.all([process(child, 2), process(parent, 1)]);
    const [sendParent, sendChild] = [await spanNamed(`send ${parent}`), await spanNamed(`send ${child}`)];
    expect(sendChild.attributes['messaging.batch.message_count']).toBe(2);
    const [processParent] = await spansNamed(`process ${parent}`, 1);
    const processChildren = await spansNamed(`process ${child}`, 2);
    expect(processParent?.parentSpanContext?.spanId).toBe(idOf(sendParent));
    for (const span of processChildren) expect(span.parentSpanContext?.spanId).toBe(idOf(sendChild));
    expect(new Set([sendParent, sendChild, processParent, ...processChildren].map(traceIdOf))).toEqual(
      new Set([traceIdOf(root)]),
    );
    await newFlowProducer().addBulk([flow, { name: 'alone', queueName: parent }]);
    expect((await spansNamed(`send ${parent}`, 2))[1]?.attributes['messaging.batch.message_count']).toBe(2);
  });

  test('every job of a scheduler starts a trace that links to what set it up, and waits for its time without ageing', async () => {
    start();
    const queue = newQueue();
    await queue.upsertJobScheduler('tick', { every: 300 }, { name: 'tick', data: {} });
    // Added an hour ago, to be processed after an hour.
    const hourMillis = 3_600_000;
    await queue.add('later', {}, { timestamp: Date.now() - hourMillis, delay: hourMillis });
    await process(queue.name, 3);
    const send = (await spansNamed(`send ${queue.name}`, 2))[0];
    const processed = captured.spans.filter(({ name }) => name === `process ${queue.name}`);
    const ticks = processed.filter(({ attributes }) => attributes['bullmq.job.name'] === 'tick');
    expect(new Set(ticks.map(traceIdOf)).size).toBe(ticks.length);
    for (const { links, parentSpanContext } of ticks) {
      expect(parentSpanContext).toBeUndefined();
      expect(links.map(({ context }) => context.spanId)).toEqual([idOf(send)]);
    }
    const sum = /messaging_message_age_seconds_sum\{[^}]*\} ([\d.e-]+)/.exec(await captured.metrics())?.[1];
    expect(Number(sum)).toBeLessThan(1_800);
    const count = /messaging_message_age_seconds_count\{[^}]*\} (\d+)/.exec(await captured.metrics())?.[1];
    expect(Number(count)).toBeGreaterThanOrEqual(3);
  });

  test('attempts are spans of one trace with their number; only the first has an age', async () => {
    start();
    const queue = newQueue();
    class OutOfStock extends Error {
      override name = 'OutOfStock';
    }
    await queue.add('order', {}, { attempts: 3 });
    await process(queue.name, 3, (job) => {
      logger.info('attempted');
      if (job.attemptsMade < 2) throw new OutOfStock('none left');
    });
    const spans = await spansNamed(`process ${queue.name}`, 3);
    expect(spans.map(({ attributes }) => attributes['bullmq.job.attempts.made'])).toEqual([1, 2, 3]);
    expect(spans.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
    ]);
    expect(new Set(spans.map(traceIdOf)).size).toBe(1);
    expect(captured.logLines.filter(({ message }) => message === 'attempted')).toMatchObject([
      { attempt: 1 },
      { attempt: 2 },
      { attempt: 3 },
    ]);
    const metrics = await captured.metrics();
    expect(metrics).toMatch(
      /messaging_process_duration_seconds_count\{[^}]*error_type="OutOfStock"[^}]*\} 2/,
    );
    expect(metrics).toMatch(/messaging_message_age_seconds_count\{[^}]*\} 1/);
  });

  test('a job that its processor puts aside has not failed', async () => {
    start();
    const queue = newQueue();
    await queue.add('later', {});
    const putAside: ((job: Job, token?: string) => Promise<Error>)[] = [
      async (job, token) => {
        await job.moveToDelayed(Date.now() + 1, token);
        return new bullmq.DelayedError();
      },
      async (job, token) => {
        await job.moveToWait(token);
        return new bullmq.WaitingError();
      },
      async () => {
        await worker.rateLimit(1);
        return bullmq.Worker.RateLimitError();
      },
    ];
    const done = signal();
    const worker = newWorker(
      queue.name,
      async (job, token) => {
        const error = await putAside.shift()?.(job, token);
        if (error) throw error;
        done.fire();
      },
      { limiter: { max: 100, duration: 100 } },
    );
    await done.fired;
    const spans = await spansNamed(`process ${queue.name}`, 4);
    expect(spans.map(({ status }) => status.code)).toEqual([0, 0, 0, 0]);
    expect(await captured.metrics()).not.toMatch(/messaging_process_duration[^}]*error_type/);
  });

  const revoked = Proxy.revocable(Error('revoked'), {});
  revoked.revoke();
  test.each([
    ['text', 'out of stock', '_OTHER'],
    ['nothing', undefined, '_OTHER'],
    ['an object without a prototype', Object.create(null), '_OTHER'],
    ['a proxy', new Proxy(new TypeError('gone'), {}), 'TypeError'],
    ['a revoked proxy', revoked.proxy, '_OTHER'],
    ['an object with odd names', { name: 7, message: {} }, 'Object'],
  ])('a processor may throw %s: its span ends with an error type', async (_, thrown, type) => {
    start();
    const queue = newQueue();
    await queue.add('job', {});
    // BullMQ cannot read all of these, and then does not end the job.
    const worker = newWorker(queue.name, async () => {
      throw thrown;
    });
    const [processed] = await spansNamed(`process ${queue.name}`, 1);
    expect(processed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(processed?.attributes['error.type']).toBe(type);
    await worker.close(true);
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['text', '"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"'],
    ['a number for the context', '{"traceparent":7}'],
    ['a malformed context', '{"traceparent":"00-zz","baggage":{"a":1}}'],
    ['a megabyte', JSON.stringify({ traceparent: 'x'.repeat(1_000_000) })],
    ['an object', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
    [
      'the prototype',
      '{"__proto__":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}',
    ],
  ])('%s where the context belongs starts a new trace, and stays in the job', async (_, metadata) => {
    start();
    const queue = newQueue();
    await queue.add('job', {}, { telemetry: { metadata: metadata as string } });
    const [job] = await process(queue.name, 1);
    expect(job?.opts.telemetry?.metadata).toEqual(metadata);
    const [processed] = await spansNamed(`process ${queue.name}`, 1);
    expect(processed?.parentSpanContext).toBeUndefined();
    expect(processed?.links).toEqual([]);
  });

  test('a service that wants no context in its jobs gets none', async () => {
    start();
    const queue = newQueue();
    await queue.add('job', {}, { telemetry: { omitContext: true } });
    const [job] = await process(queue.name, 1);
    expect(job?.opts.telemetry).toEqual({ omitContext: true });
    expect((await spansNamed(`process ${queue.name}`, 1))[0]?.parentSpanContext).toBeUndefined();
  });

  test('telemetry that the service has set stays and records alone, and its traces go on into ours', async () => {
    start();
    const telemetry = new BullMQOtel({ tracerName: 'own' });
    const own = newQueue(uniqueName('own'), { telemetry });
    await own.add('job', {});
    expect(own.opts.telemetry).toBe(telemetry);
    const [job] = await process(own.name, 1);
    const added = await captured.waitForSpan(({ name }) => name === `add ${own.name}.job`);
    const [processed] = await spansNamed(`process ${own.name}`, 1);
    expect(processed?.parentSpanContext?.spanId).toBe(idOf(added));
    expect(job?.opts.telemetry?.metadata).toContain(idOf(added));
    expect(captured.spans.filter(({ name }) => name.startsWith('send '))).toEqual([]);

    const ours = newQueue();
    await ours.add('job', {});
    const seen = signal<string | undefined>();
    newWorker(ours.name, async () => seen.fire(trace.getActiveSpan()?.spanContext().traceId), { telemetry });
    expect(await seen.fired).toBe(traceIdOf(await spanNamed(`send ${ours.name}`)));
  });

  test('queues and running workers that were made before are observed from init on', async () => {
    const queue = newQueue();
    const seen = [signal(), signal()];
    newWorker(queue.name, async (job) => seen[job.data]?.fire());
    await queue.add('job', 0);
    await seen[0]?.fired;
    start();
    await queue.add('job', 1);
    await seen[1]?.fired;
    const [processed] = await spansNamed(`process ${queue.name}`, 1);
    expect(processed?.parentSpanContext?.spanId).toBe(idOf(await spanNamed(`send ${queue.name}`)));
  });

  test('a worker that is started in a span does not stay in it', async () => {
    start();
    const queue = newQueue();
    await queue.add('job', {});
    const seen = signal<unknown>();
    await withSpan('startup', async () => {
      const worker = newWorker(queue.name, async () => {});
      worker.on('active', () => seen.fire(trace.getActiveSpan()));
    });
    expect(await seen.fired).toBeUndefined();
  });

  test('with `link`, a job starts a trace of its own; the module may be handed over', async () => {
    start({ relation: 'link', modules: { bullmq } });
    const queue = newQueue();
    await queue.add('job', {});
    await process(queue.name, 1);
    const send = await spanNamed(`send ${queue.name}`);
    const [processed] = await spansNamed(`process ${queue.name}`, 1);
    expect(traceIdOf(processed)).not.toBe(traceIdOf(send));
    expect(processed?.links[0]?.context.spanId).toBe(idOf(send));
  });

  test('what BullMQ refuses, it refuses with its own error', async () => {
    const queue = newQueue();
    const calls: (() => unknown)[] = [
      () => queue.addBulk(7 as never),
      () => queue.addBulk([null] as never),
      () => queue.add('job', {}, { jobId: '0' }),
      () => queue.add('job', {}, 'options' as never),
      () => queue.upsertJobScheduler('x', {}),
      () => newFlowProducer().add({ name: 'x' } as never),
      () => newFlowProducer().add(null as never),
      () => newFlowProducer().addBulk({} as never),
    ];
    const outcomes = () =>
      Promise.all(
        calls.map(async (call) => {
          try {
            await call();
            return 'accepted';
          } catch (error) {
            return String(error);
          }
        }),
      );
    const expected = await outcomes();
    start();
    expect(await outcomes()).toEqual(expected);
    expect(expected.filter((outcome) => outcome !== 'accepted').length).toBeGreaterThan(4);
  });
});

test('a newer version stays as it is, and one line says so', async () => {
  const loaded = requireMadeUp('bullmq', '99.0.0', {
    'index.js': 'exports.Queue = class Queue { async add() {} };',
  });
  captured = captureObservability({ plugins: [bullmqPlugin()] });
  await captured.observability.ready;
  const unsupported = captured.logLines.filter(({ code }) => code === 'OBS_LIBRARY_UNSUPPORTED');
  expect(unsupported.map(({ message }) => message)).toEqual([expect.stringContaining('bullmq 99.0.0')]);
  for (const made of loaded) expect(Object.getOwnPropertySymbols(made.prototype)).toEqual([]);
});

test('a module that is something else stays as it is, and one line says so', async () => {
  class Queue {
    async add() {
      return { id: '1' };
    }
  }
  const { add } = Queue.prototype;
  captured = captureObservability({ plugins: [bullmqPlugin({ modules: { bullmq: { Queue } } })] });
  expect(Queue.prototype.add).toBe(add);
  expect(captured.logLines.filter(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')).toHaveLength(1);
});
