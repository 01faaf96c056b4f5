import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeTraceRequest } from '../../../test/otlp/decode-trace-request.js';
import { TraceRequestWriter } from '../otlp/trace-request.js';
import { createRecorder } from '../tracer-provider.js';
import type { OtlpTransport, SendResult, SpanChunk } from '../transport/otlp-transport.js';
import { ChunkQueue, type ChunkQueueOptions } from './chunk-queue.js';

/** A transport that answers when it is told to: the faults of a real one, in any order. */
class HeldTransport implements OtlpTransport {
  readonly sent: SpanChunk[] = [];
  readonly open: { readonly chunk: SpanChunk; readonly answer: (result: SendResult) => void }[] = [];
  send(chunk: SpanChunk): Promise<SendResult> {
    // As an intake gets it: the memory of a chunk that was accepted is used again.
    this.sent.push({ ...chunk, body: Buffer.from(chunk.body) });
    return new Promise((answer) => this.open.push({ chunk, answer }));
  }
  hurry(): void {}
  abandon(): void {}
}

const accepted: SendResult = { status: 'accepted', rejectedCount: 0 };
const failed: SendResult = { status: 'failed', error: new Error('down') };

function setUp(options: Partial<ChunkQueueOptions> = {}) {
  const transport = new HeldTransport();
  const counted = { exported: 0, failed: 0, dropped: 0 };
  const errors: (string | undefined)[] = [];
  const queue = new ChunkQueue(
    new TraceRequestWriter({ attributes: {} }),
    transport,
    { maxQueueSize: 20, maxExportBatchSize: 5, scheduledDelayMillis: 60_000, ...options },
    {
      exported: (count) => {
        counted.exported += count;
      },
      failed: (count, _seconds, error) => {
        counted.failed += count;
        errors.push(error?.message);
      },
      dropped: (count) => {
        counted.dropped += count;
      },
    },
  );
  const tracer = createRecorder({
    sampler: new AlwaysOnSampler(),
    written: (section, span) => queue.add(section, span),
  }).getTracer('test');
  const end = (count: number, size = 0) => {
    for (let i = 0; i < count; i++) {
      const span = tracer.startSpan('work');
      if (size > 0) span.setAttribute('filler', 'x'.repeat(size));
      span.end();
    }
  };
  return { queue, transport, counted, errors, end };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('every span is exported, dropped, failed, queued or in flight: random programs of faults', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ end: fc.nat({ max: 12 }), size: fc.constantFrom(0, 0, 0, 2_000) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        answer: fc.nat({ max: 3 }),
        how: fc.constantFrom('ok', 'fail', 'partial', 'lie'),
      }),
    },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 1, arbitrary: fc.constant('flush' as const) },
    { weight: 1, arbitrary: fc.constant('close' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { queue, transport, counted, end } = setUp({ maxQueueBytes: 20_000, maxChunkBytes: 6_000 });
      let created = 0;
      const check = () => {
        const counts = queue.counts();
        expect(counts.created).toBe(created);
        const { exported, dropped, failed: failures, queued, inFlight } = counts;
        expect(exported + dropped + failures + queued + inFlight).toBe(created);
        expect({ exported, dropped, failed: failures }).toEqual(counted);
        expect(queued).toBeLessThanOrEqual(20);
      };
      for (const each of steps) {
        if (each === 'turn') await turn();
        else if (each === 'flush') void queue.flush();
        else if (each === 'close') queue.close();
        else if ('end' in each) {
          end(each.end, each.size);
          created += each.end;
        } else {
          const [sending] = transport.open.splice(each.answer, 1);
          if (each.how === 'ok') sending?.answer(accepted);
          else if (each.how === 'fail') sending?.answer(failed);
          else sending?.answer({ status: 'accepted', rejectedCount: each.how === 'lie' ? 1e9 : 2 });
          await turn();
        }
        check();
      }
      // In the end all of it arrives, and none of it twice.
      const flushed = queue.flush();
      let isFlushed = false;
      void flushed.then(() => {
        isFlushed = true;
      });
      while (!isFlushed) {
        for (const { answer } of transport.open.splice(0)) answer(accepted);
        await turn();
      }
      check();
      expect(queue.counts()).toMatchObject({ queued: 0, inFlight: 0 });
      const sent = transport.sent.flatMap(({ body }) => decodeTraceRequest(body).map(({ spanId }) => spanId));
      expect(new Set(sent).size).toBe(sent.length);
      expect(sent.length + counted.dropped).toBe(created);
      queue.close();
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('a chunk is bounded in spans and in bytes', async () => {
  const { queue, transport, end } = setUp({ maxChunkBytes: 10_000, maxExportBatchSize: 5 });
  end(5);
  await turn();
  expect(transport.sent.map(({ spanCount }) => spanCount)).toEqual([5]);
  transport.open[0]?.answer(accepted);
  await turn();
  end(4, 3_500);
  await turn();
  expect(transport.sent.map(({ spanCount }) => spanCount)).toEqual([5, 3]);
  expect(transport.sent[1]?.body.length).toBeLessThan(14_000);
  queue.close();
});

test('a backend that never answers costs no more than the limits, and what finds no room is counted', async () => {
  const { queue, transport, counted, end } = setUp({
    maxQueueSize: 1_000,
    maxExportBatchSize: 100,
    maxQueueBytes: 100_000,
    maxChunkBytes: 20_000,
  });
  for (let i = 0; i < 50; i++) {
    end(20, 2_000);
    await turn();
  }
  const waiting = queue.counts();
  expect(waiting.queued * 2_000).toBeLessThan(125_000);
  expect(transport.sent.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(100_000);
  expect(counted.dropped).toBe(1_000 - waiting.queued - waiting.inFlight);
  queue.close();
});

test('what the intake rejects of a chunk counts as failed, with its words', async () => {
  const { queue, transport, counted, errors, end } = setUp();
  end(5);
  await turn();
  transport.open[0]?.answer({ status: 'accepted', rejectedCount: 2, message: 'too old' });
  await turn();
  expect(counted).toEqual({ exported: 3, failed: 2, dropped: 0 });
  expect(errors).toEqual(['the intake rejected them: too old']);
  queue.close();
});

test('an intake that fails again and again is left alone for a while, and gets one chunk at a time', async () => {
  const { queue, transport, end } = setUp();
  for (let i = 1; i <= 2; i++) {
    end(5);
    await expect.poll(() => transport.sent.length).toBe(i);
    transport.open.shift()?.answer(failed);
    await turn();
  }
  end(15);
  await turn();
  expect(transport.sent).toHaveLength(2);
  await expect.poll(() => transport.sent.length).toBe(3);
  transport.open.shift()?.answer(accepted);
  await expect.poll(() => transport.sent.length).toBe(5);
  queue.close();
});

test('a span that is alone is sent after the delay', async () => {
  const { queue, transport, end } = setUp({ scheduledDelayMillis: 10 });
  end(1);
  await expect.poll(() => transport.sent.length).toBe(1);
  queue.close();
});

test('at a crash everything that has not arrived is handed over as one request, and nothing is sent any more', async () => {
  const { queue, transport, counted, end } = setUp();
  end(5);
  await turn();
  end(7);
  const taken = queue.takeAll();
  expect(taken?.spanCount).toBe(12);
  expect(decodeTraceRequest(taken?.body as Uint8Array)).toHaveLength(12);
  expect(transport.sent).toHaveLength(1);
  transport.open[0]?.answer(failed);
  await turn();
  expect(transport.sent).toHaveLength(1);
  expect(counted.failed).toBe(0);
});

test('the memory of a chunk is used again once it was accepted, and not before', async () => {
  const { queue, transport, end } = setUp({ maxExportBatchSize: 1 });
  const memoryOf = (index: number) => transport.open[index]?.chunk.body.buffer;
  const answer = async (index: number, result: SendResult) => {
    transport.open[index]?.answer(result);
    await new Promise(setImmediate);
  };
  end(1);
  await answer(0, accepted);
  end(1);
  expect(memoryOf(1)).toBe(memoryOf(0));
  // It is under way.
  end(1);
  expect(memoryOf(2)).not.toBe(memoryOf(0));
  // The intake has answered, and is still reading.
  await answer(1, { ...accepted, isStillRead: true });
  end(1);
  expect(memoryOf(3)).not.toBe(memoryOf(0));
  // What failed may still be in the buffers of a connection.
  await answer(2, failed);
  await answer(3, failed);
  const before = [0, 1, 2, 3].map(memoryOf);
  end(1);
  expect(before).not.toContain(memoryOf(4));
  queue.close();
});
