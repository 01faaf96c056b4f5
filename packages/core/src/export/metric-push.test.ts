import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExportResult } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMetricPush, type PushOptions } from './metric-push.js';

const resource = resourceFromAttributes({ 'service.name': 'orders' });

function gauges(points: number, isBroken = false): ResourceMetrics {
  const value = isBroken
    ? {
        get attributes(): never {
          throw new Error('broken');
        },
      }
    : { attributes: {} };
  const dataPoints = Array.from({ length: points }, () =>
    Object.assign(Object.create(value), { startTime: [1, 0], endTime: [2, 0], value: 1 }),
  );
  const metric = {
    descriptor: { name: 'waiting', description: '', unit: '', valueType: 1, advice: {} },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints,
  } as const;
  return { resource, scopeMetrics: [{ scope: { name: 'orders' }, metrics: [metric] }] };
}

/** What a backend may do with a request. A request that is held gets its answer in a later step. */
const faults = {
  ok: (response) => response.end(),
  'rejects two': (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"partialSuccess":{"rejectedDataPoints":"2"}}'),
  lies: (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"partialSuccess":{"rejectedDataPoints":"1000000000"}}'),
  refuses: (response) => response.writeHead(400).end(),
  'is down': (response) => response.writeHead(503).end(),
  'asks for an hour': (response) => response.writeHead(429, { 'retry-after': '3600' }).end(),
  'breaks off': (response) => response.destroy(),
  'breaks off in the body': (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    response.destroy();
  },
  redirects: (response) => response.writeHead(302, { location: '/elsewhere' }).end(),
} as const satisfies Record<string, (response: ServerResponse) => void>;
type Fault = keyof typeof faults;

test.each(['http/protobuf', 'http/json'] as const)(
  'every pushed point is exported or failed, and is counted: random programs of faults, over %s',
  async (protocol) => {
    let answer: (response: ServerResponse) => void = faults.ok;
    const server = createServer((request, response) => {
      request.resume().on('end', () => answer(response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`;
    const fault = fc.constantFrom(...(Object.keys(faults) as Fault[]));
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ push: fc.nat({ max: 9 }), fault }) },
      { weight: 1, arbitrary: fc.record({ broken: fc.integer({ min: 1, max: 9 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({ held: fc.nat({ max: 9 }), times: fc.integer({ min: 1, max: 18 }) }),
      },
      { weight: 2, arbitrary: fc.record({ release: fault }) },
      { weight: 1, arbitrary: fc.constant('abandon' as const) },
    );

    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const counted = { exported: 0, failed: 0 };
          const push = createMetricPush({
            options: {
              protocol,
              endpoint,
              headers: {},
              compression: 'none',
              timeoutMillis: 60_000,
              intervalMillis: 3_600_000,
              exportTimeoutMillis: 3_600_000,
              temporality: 'cumulative',
            } as unknown as PushOptions,
            resourceOf: () => resource,
            producer: { collect: async () => ({ resourceMetrics: gauges(0), errors: [] }) },
            current: () => [],
            outgoing: (metrics) => metrics,
            withExemplars: (request) => request,
            observer: {
              exported(count) {
                expect(count).toBeGreaterThan(0);
                counted.exported += count;
              },
              failed(count, _seconds, error) {
                expect(error).toBeInstanceOf(Error);
                counted.failed += count;
              },
              dropped: () => expect.unreachable(),
            },
          });
          // Without retries no step waits for a timer.
          push.hurry(60_000);
          // The reader itself has two exports under way only after one has timed out.
          const exporter = Reflect.get(push.reader, '_exporter') as {
            export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void;
            forceFlush(): Promise<void>;
          };
          let created = 0;
          let underWay = 0;
          const give = (points: number, isBroken = false) => {
            created += points;
            underWay++;
            return new Promise<void>((resolve) => {
              let isDone = false;
              exporter.export(gauges(points, isBroken), () => {
                expect(isDone).toBe(false);
                isDone = true;
                underWay--;
                resolve();
              });
            });
          };

          const held: ServerResponse[] = [];
          const release = async (how: Fault) => {
            answer = faults[how];
            // What is under way is bounded in number, so that a backend that hangs costs no more memory.
            expect(held.length).toBeLessThanOrEqual(16);
            for (const response of held.splice(0)) faults[how](response);
            await exporter.forceFlush();
          };
          for (const each of steps) {
            if (each === 'abandon') push.abandon();
            else if ('broken' in each) await give(each.broken, true);
            else if ('release' in each) await release(each.release);
            else if ('held' in each) {
              answer = (response) => held.push(response);
              for (let i = 0; i < each.times; i++) void give(each.held);
            } else {
              answer = faults[each.fault];
              await give(each.push);
            }
            if (underWay === 0) expect(counted.exported + counted.failed).toBe(created);
          }
          await release('ok');
          expect(underWay).toBe(0);
          expect(counted.exported + counted.failed).toBe(created);
        }),
        { numRuns: 25 },
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
  60_000,
);
