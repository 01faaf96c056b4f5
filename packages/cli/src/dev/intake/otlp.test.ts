import { gzipSync } from 'node:zlib';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { OtlpError } from './otlp-error.js';
import { decodeJson } from './otlp-json.js';
import { decodeProtobuf } from './otlp-protobuf.js';
import type { OtlpSignal } from './otlp-request.js';

/* What OpenTelemetry's own exporters write, in both encodings. */
const resource = {
  attributes: { 'service.name': 'orders', 'service.instance.id': 'a' },
  asyncAttributesPending: false,
};
const traceId = '0af7651916cd43dd8448eb211c80319c';
const attributes = { text: '<b>&', count: 3, ratio: 0.5, on: true, list: ['a', 'b'], ['__proto__']: 'x' };
const context = { traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 };
const span = {
  ...{ name: 'GET /orders/:id', kind: 1, spanContext: () => context, ended: true, resource },
  parentSpanContext: { traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 },
  ...{ startTime: [1_700_000_000, 123_456_789], endTime: [1_700_000_000, 623_456_789], duration: [0, 5e8] },
  ...{ status: { code: 2, message: 'broken' }, attributes, droppedAttributesCount: 0 },
  events: [
    { name: 'exception', time: [1_700_000_000, 2e8], attributes: { 'exception.message': 'no table' } },
  ],
  links: [{ context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }, attributes: {} }],
  ...{ droppedEventsCount: 0, droppedLinksCount: 0, instrumentationScope: { name: 'http', version: '1' } },
};
const logRecord = {
  ...{ hrTime: [1_700_000_000, 5e8], hrTimeObserved: [1_700_000_000, 5e8], spanContext: context, resource },
  ...{ severityNumber: 13, severityText: 'WARN', body: 'stock is low', attributes: { product: 7 } },
  ...{ instrumentationScope: { name: 'winston' }, droppedAttributesCount: 0 },
};
const metrics = {
  resource,
  scopeMetrics: [
    {
      scope: { name: 'http' },
      metrics: [
        {
          descriptor: { name: 'http.server.request.duration', unit: 's', description: '', valueType: 1 },
          ...{ aggregationTemporality: 1, dataPointType: 0 },
          dataPoints: [
            {
              ...{ startTime: [1_700_000_000, 0], endTime: [1_700_000_060, 0] },
              attributes: { 'http.request.method': 'GET', 'http.route': '/orders/:id' },
              value: {
                buckets: { boundaries: [0.1, 1], counts: [4, 2, 1] },
                count: 7,
                sum: 3,
                min: 0,
                max: 2,
              },
            },
          ],
        },
        {
          descriptor: { name: 'http.server.request.duration', unit: 's', description: '', valueType: 1 },
          ...{ aggregationTemporality: 0, dataPointType: 1 },
          dataPoints: [
            {
              ...{ startTime: [1_700_000_000, 0], endTime: [1_700_000_060, 0], attributes: {} },
              value: {
                ...{ scale: 0, zeroCount: 1, count: 4, sum: 9, min: 0, max: 7 },
                positive: { offset: 1, bucketCounts: [2, 1] },
                negative: { offset: 0, bucketCounts: [] },
              },
            },
          ],
        },
      ],
    },
  ],
};
const requests: readonly [OtlpSignal, Uint8Array | undefined, Uint8Array | undefined][] = [
  [
    'traces',
    ProtobufTraceSerializer.serializeRequest([span as never]),
    JsonTraceSerializer.serializeRequest([span as never]),
  ],
  [
    'logs',
    ProtobufLogsSerializer.serializeRequest([logRecord as never]),
    JsonLogsSerializer.serializeRequest([logRecord as never]),
  ],
  [
    'metrics',
    ProtobufMetricsSerializer.serializeRequest(metrics as never),
    JsonMetricsSerializer.serializeRequest(metrics as never),
  ],
];

const decode = (signal: OtlpSignal, encoding: string, bytes: Uint8Array = new Uint8Array()) =>
  encoding === 'json' ? decodeJson(signal, Buffer.from(bytes).toString()) : decodeProtobuf(signal, bytes);

describe.each(['protobuf', 'json'])('a request in %s', (encoding) => {
  const [traces, logs, histograms] = requests.map(([signal, protobuf, json]) =>
    decode(signal, encoding, encoding === 'json' ? json : protobuf),
  );

  test('gives spans with all that they have', () => {
    const [found] = traces?.spans ?? [];
    expect(found).toMatchObject({
      ...{ traceId, spanId: 'b7ad6b7169203331', parentSpanId: '00f067aa0ba902b7', name: 'GET /orders/:id' },
      ...{ kind: 'server', isError: true, statusMessage: 'broken', scope: 'http', durationMillis: 500 },
      events: [{ name: 'exception', attributes: { 'exception.message': 'no table' } }],
      links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
    });
    expect(found?.startMillis).toBeCloseTo(1_700_000_000_123.456, 2);
    expect(found?.resource.serviceName).toBe('orders');
    expect(Object.entries(found?.attributes ?? {})).toEqual(Object.entries(attributes));
  });

  test('gives log records', () => {
    expect(logs?.logs).toMatchObject([
      {
        message: 'stock is low',
        level: 'warn',
        traceId,
        timeMillis: 1_700_000_000_500,
        serviceName: 'orders',
      },
    ]);
    expect(logs?.logs[0]?.attributes).toEqual(Object.assign(Object.create(null), { product: 7 }));
  });

  test('gives histograms, exponential ones with explicit bounds', () => {
    expect(histograms?.histograms).toMatchObject([
      {
        ...{ metric: 'http_server_request_duration_seconds', bounds: [0.1, 1], counts: [4, 2, 1] },
        ...{ isDelta: false, labels: { http_request_method: 'GET', http_route: '/orders/:id' } },
      },
      { bounds: [2, 4, 8], counts: [1, 2, 1, 0], isDelta: true },
    ]);
  });
});

describe('what is malformed', () => {
  test('a request that is cut or changed anywhere is read or refused, and nothing else happens', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let refused = 0;
    for (const [signal, bytes = new Uint8Array()] of requests) {
      const variants = Array.from({ length: bytes.length }, (_, length) => bytes.slice(0, length));
      for (let count = 0; count < 300; count++) {
        const changed = bytes.slice();
        changed[random(bytes.length)] = random(256);
        variants.push(changed);
      }
      for (const variant of variants) {
        try {
          decodeProtobuf(signal, variant);
        } catch (error) {
          expect(error).toBeInstanceOf(OtlpError);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test.each([
    ['[]', 'the body is not an object'],
    ['{', 'not JSON'],
    ['{"resourceSpans":{}}', "'resourceSpans' is not a list"],
    ['{"resourceSpans":[1]}', "An item of 'resourceSpans' is not an object"],
    [spanJson({ name: 7 }), "'name' is not text"],
    [spanJson({ startTimeUnixNano: 'soon' }), "'startTimeUnixNano' is not a 64-bit integer"],
    [spanJson({ attributes: [nested(40)] }), 'nested more than 32 levels'],
  ])('%.40s is refused with the place', (text, reason) => {
    expect(() => decodeJson('traces', text)).toThrow(OtlpError);
    expect(() => decodeJson('traces', text)).toThrow(reason);
  });

  test('a span without valid ids is rejected, and the others are kept', () => {
    const request = JSON.parse(spanJson({}));
    const [good] = request.resourceSpans[0].scopeSpans[0].spans;
    request.resourceSpans[0].scopeSpans[0].spans.push({ ...good, spanId: '0'.repeat(16), name: 'bad' });
    const { spans, rejected } = decodeJson('traces', JSON.stringify(request));
    expect(spans).toHaveLength(1);
    expect(rejected).toEqual(["span 'bad': its trace id or span id is invalid"]);
  });

  test('compressed bytes that were not announced are refused', () => {
    expect(() => decodeProtobuf('traces', gzipSync('{}'))).toThrow(OtlpError);
  });
});

function spanJson(fields: object): string {
  const valid = { traceId, spanId: 'b7ad6b7169203331', name: 'a', kind: 1, ...fields };
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [valid] }] }] });
}

function nested(depth: number): object {
  let value: object = { stringValue: 'x' };
  for (let level = 0; level < depth; level++) value = { arrayValue: { values: [value] } };
  return { key: 'deep', value };
}
