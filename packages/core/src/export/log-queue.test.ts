import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { otlpBody } from '../../test/otlp-body.js';
import { logger } from '../index.js';
import { ChunkQueue } from '../recorder/queue/chunk-queue.js';
import type { OtlpTransport, SendResult, SpanChunk } from '../recorder/transport/otlp-transport.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { JsonLogRequestWriter } from './json-log-request.js';
import { LogRequestWriter, type OtlpLogRecord } from './log-request.js';

const record = (body: string): OtlpLogRecord => ({
  unixMillis: 1_700_000_000_123,
  severityNumber: 9,
  severityText: 'info',
  body,
  attributes: {
    text: 'a',
    whole: 1,
    part: 1.5,
    odd: Number.NaN,
    yes: true,
    list: [1, 'b'],
    map: { of: null },
  },
  spanContext: undefined,
});

interface LogsRequest {
  resourceLogs: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[];
}

/** Requests in protobuf one after the other are one request with several resources. */
function merged({ resourceLogs }: LogsRequest): LogsRequest {
  const logRecords = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords));
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
}

function bodiesIn(request: Uint8Array): string[] {
  const isJson = request[0] === '{'.charCodeAt(0);
  const { resourceLogs } = isJson
    ? JSON.parse(Buffer.from(request).toString())
    : merged(otlpRequestAsJson('logs', request) as LogsRequest);
  expect(resourceLogs).toHaveLength(1);
  return resourceLogs[0].scopeLogs[0].logRecords.map(
    (each: { body: { stringValue: string } }) => each.body.stringValue,
  );
}

class HeldTransport implements OtlpTransport {
  readonly open: { readonly chunk: SpanChunk; readonly answer: (result: SendResult) => void }[] = [];
  readonly sent: string[] = [];
  send(chunk: SpanChunk): Promise<SendResult> {
    const bodies = bodiesIn(chunk.body);
    expect(chunk.spanCount).toBe(bodies.length);
    this.sent.push(...bodies);
    return new Promise((answer) => this.open.push({ chunk, answer }));
  }
  hurry(): void {}
  abandon(): void {}
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test.each([
  ['protobuf', LogRequestWriter],
  ['JSON', JsonLogRequestWriter],
])(
  'every record is exported, dropped, failed, queued or in flight: random programs of faults, in %s',
  async (_, Writer) => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ emit: fc.nat({ max: 12 }), size: fc.constantFrom(0, 0, 0, 2_000) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          answer: fc.nat({ max: 3 }),
          how: fc.constantFrom('ok', 'fail', 'partial', 'lie'),
        }),
      },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
      { weight: 1, arbitrary: fc.constant('flush' as const) },
      { weight: 1, arbitrary: fc.constant('take all' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const transport = new HeldTransport();
        const counted = { exported: 0, failed: 0, dropped: 0 };
        const writer = new Writer({ attributes: { 'service.name': 'orders' } }, { name: 's', version: '1' });
        const queue = new ChunkQueue<undefined, OtlpLogRecord>(
          writer,
          transport,
          {
            maxQueueSize: 20,
            maxExportBatchSize: 5,
            scheduledDelayMillis: 60_000,
            maxQueueBytes: 20_000,
            maxChunkBytes: 6_000,
            ...(writer instanceof JsonLogRequestWriter ? { join: writer.join } : {}),
          },
          {
            exported: (count) => {
              counted.exported += count;
            },
            failed: (count) => {
              counted.failed += count;
            },
            dropped: (count) => {
              counted.dropped += count;
            },
          },
        );
        let created = 0;
        let isTaken = false;
        for (const each of steps) {
          if (each === 'turn') await turn();
          else if (each === 'flush') void queue.flush();
          else if (each === 'take all') {
            if (isTaken) continue;
            isTaken = true;
            const { exported, dropped, failed } = queue.counts();
            const all = queue.takeAll();
            // As one request, in which each is once.
            const bodies = all ? bodiesIn(all.body) : [];
            expect(new Set(bodies).size).toBe(created - exported - dropped - failed);
            expect(bodies.length).toBe(all?.spanCount ?? 0);
            return;
          } else if ('emit' in each) {
            for (let i = 0; i < each.emit; i++)
              queue.add(undefined, record(`${created++} ${'x'.repeat(each.size)}`));
          } else {
            const [sending] = transport.open.splice(each.answer, 1);
            if (each.how === 'ok') sending?.answer({ status: 'accepted', rejectedCount: 0 });
            else if (each.how === 'fail') sending?.answer({ status: 'failed', error: new Error('down') });
            else sending?.answer({ status: 'accepted', rejectedCount: each.how === 'lie' ? 1e9 : 2 });
            await turn();
          }
          const counts = queue.counts();
          expect(counts.created).toBe(created);
          expect(counts.exported + counts.dropped + counts.failed + counts.queued + counts.inFlight).toBe(
            created,
          );
          expect(counts).toMatchObject(counted);
          expect(counts.queued).toBeLessThanOrEqual(20);
        }
        expect(new Set(transport.sent).size).toBe(transport.sent.length);
        queue.close();
      }),
      { numRuns: 100 },
    );
  },
  60_000,
);

let captured: CapturedObservability | undefined;
const stops: (() => void)[] = [];
afterEach(async () => {
  await captured?.stop();
  for (const stop of stops.splice(0)) stop();
});

async function start(answer: (response: ServerResponse, request: IncomingMessage) => void, batch = {}) {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    received.push(...bodiesIn(Buffer.from(await otlpBody(request))));
    answer(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  captured = captureObservability({
    logs: {
      destinations: ['stdout', 'otlp'],
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`,
      timeoutMillis: 300,
      batch: { scheduledDelayMillis: 1, ...batch },
    },
  });
  const count = async (result: string) => {
    const text = (await captured?.metrics()) ?? '';
    return Number(
      new RegExp(`^throughline_log_records_total\\{result="${result}"[^}]*\\} (\\d+)$`, 'm').exec(
        text,
      )?.[1] ?? 0,
    );
  };
  return { received, count, captured };
}

describe('an intake for logs', () => {
  test.each([
    [
      'JSON',
      'application/json',
      Buffer.from('{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}'),
    ],
    [
      'protobuf',
      'application/x-protobuf',
      Buffer.from([0x0a, 0x0b, 0x08, 1, 0x12, 7, ...Buffer.from('too old')]),
    ],
  ])('that keeps a part and says so in %s: the rest is counted as failed', async (_form, type, body) => {
    const { count, captured } = await start((response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    logger.info('one');
    await captured.observability.flush();
    expect(await count('failed')).toBeGreaterThanOrEqual(1);
    const said = captured.logLines.filter(({ code }) => code === 'OBS_EXPORT_FAILED');
    expect(said.map(({ message }) => message).join()).toContain('the intake rejected them: too old');
  });

  test('that sends its answer byte by byte does not hold the export for longer than its time', async () => {
    const { count, captured } = await start((response) => {
      response.writeHead(500);
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    });
    logger.info('one');
    await captured.observability.flush();
    expect(await count('failed')).toBeGreaterThanOrEqual(1);
  });

  test('that answers 429 with Retry-After is asked again then, and nothing is lost', async () => {
    let isFirst = true;
    const { received, count, captured } = await start((response) => {
      if (isFirst) response.writeHead(429, { 'retry-after': '0' }).end();
      else response.end('{}');
      isFirst = false;
    });
    logger.info('one');
    await captured.observability.flush();
    expect(received.filter((message) => message === 'one')).toHaveLength(2);
    expect(await count('failed')).toBe(0);
  });

  test('that hangs costs no more memory than the queue may take', async () => {
    const { count, captured } = await start(() => {});
    const fields = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, 'x'.repeat(8_000)]));
    for (let i = 0; i < 400; i++) logger.info('large', fields);
    // 38 MB were logged; 16 MiB may wait.
    expect(await count('dropped')).toBeGreaterThan(200);
    expect(captured.logLines.filter(({ code }) => code === 'OBS_EXPORT_DROPPED')).toHaveLength(1);
  });

  test('gets no more at once than maxExportBatchBytes, and no more waits than maxQueueBytes', async () => {
    const sizes: number[] = [];
    const bounds = { maxExportBatchBytes: 10_000, maxQueueBytes: 50_000, scheduledDelayMillis: 60_000 };
    const { count, captured } = await start((response, request) => {
      sizes.push(Number(request.headers['content-length']));
      response.end();
    }, bounds);
    for (let i = 0; i < 40; i++) logger.info('line', { text: 'x'.repeat(4_000) });
    expect(await count('dropped')).toBeGreaterThan(20);
    await captured.observability.flush();
    // An export ends with the record with which it reaches its size.
    expect(Math.max(...sizes)).toBeLessThan(10_000 + 5_000);
    expect(sizes.length).toBeGreaterThanOrEqual(4);
  });
});
