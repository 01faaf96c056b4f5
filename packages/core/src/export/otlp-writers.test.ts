import { ValueType } from '@opentelemetry/api';
import { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { emptyResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonLogRequestWriter } from './json-log-request.js';
import { LogRequestWriter, type OtlpLogRecord } from './log-request.js';
import { createMetricRequests, type PointWithExemplars } from './metric-request.js';

/*
 * What is sent is what the stock serializers make of the same data: both are decoded by a decoder that belongs to neither, and
 * compared field by field.
 */

/** A field that has its default may be written or left out. */
const withoutDefaults = (message: unknown): unknown =>
  JSON.parse(
    JSON.stringify(message, (name, value) => {
      if (value === '' && ['description', 'unit', 'version', 'schemaUrl', 'severityText'].includes(name)) {
        return undefined;
      }
      if (
        value === 0 &&
        ['offset', 'scale', 'droppedAttributesCount', 'severityNumber', 'flags'].includes(name)
      ) {
        return undefined;
      }
      if (name === 'isMonotonic' && value === false) return undefined;
      // Values that JSON has no words for.
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    }),
  );

const decoded = (signal: 'logs' | 'metrics', request: Uint8Array) =>
  // biome-ignore lint/suspicious/noExplicitAny: a message of any kind.
  otlpRequestAsJson(signal, Buffer.from(request)) as any;

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 60, maxLength: 300 }),
  fc.constantFrom('GET', '/orders/:id', ''),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 40, -(2 ** 53), 0, 1.5));
const resource = resourceFromAttributes({
  'service.name': 'orders',
  list: ['a', 'b'],
  yes: true,
  ratio: 0.5,
});

/** Plain data, as fields of a line are. */
const { data } = fc.letrec((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 200 }),
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(text, tie('data'), { maxKeys: 4 }),
  ),
}));

test('random log records are what the stock serializer makes of them', () => {
  const hex = (length: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
  const record = fc.record({
    unixMillis: fc.nat({ max: 4e12 }),
    level: fc.constantFrom([9, 'info'] as const, [17, 'error'] as const, [0, 'own'] as const),
    body: text,
    attributes: fc.dictionary(text, data, { maxKeys: 8 }),
    spanContext: fc.option(
      fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1, 3) }),
      { nil: undefined },
    ),
  });
  const scope = { name: '@throughline/core', version: '1.2.3' };
  // One writer for all: what it remembers of earlier records must not show.
  const writer = new LogRequestWriter(resource, scope);
  let compared = 0;
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const given = records.map(
        ({ level: [severityNumber, severityText], ...each }): OtlpLogRecord => ({
          ...each,
          severityNumber,
          severityText,
        }),
      );
      for (const each of given) writer.add(undefined, each);
      const own = decoded('logs', writer.take());
      const stock = ProtobufLogsSerializer.serializeRequest(
        given.map(({ unixMillis, severityNumber, severityText, body, attributes, spanContext }) => {
          const hrTime: [number, number] = [Math.floor(unixMillis / 1_000), (unixMillis % 1_000) * 1e6];
          return {
            resource,
            instrumentationScope: scope,
            hrTime,
            hrTimeObserved: hrTime,
            severityNumber,
            severityText,
            body,
            attributes: attributes as never,
            droppedAttributesCount: 0,
            ...(spanContext && { spanContext }),
          };
        }),
      ) as Uint8Array;
      expect(withoutDefaults(own)).toEqual(withoutDefaults(decoded('logs', stock)));
      compared += given.length;
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(200);
});

test('attributes beyond the limit are counted, in both encodings', () => {
  const attributes = Object.fromEntries(Array.from({ length: 131 }, (_, i) => [`name ${i}`, i]));
  const record: OtlpLogRecord = {
    unixMillis: 1_700_000_000_123,
    severityNumber: 9,
    severityText: 'info',
    body: 'text',
    attributes,
    spanContext: undefined,
  };
  const scope = { name: 's', version: '1' };
  const json = new JsonLogRequestWriter({ attributes: {} }, scope);
  const protobuf = new LogRequestWriter({ attributes: {} }, scope);
  json.add(undefined, record);
  protobuf.add(undefined, record);
  const requests = [JSON.parse(json.take().toString()), decoded('logs', protobuf.take())];
  for (const { resourceLogs } of requests) {
    const [written] = resourceLogs[0].scopeLogs[0].logRecords;
    expect(written.droppedAttributesCount).toBe(3);
    expect(written.attributes).toHaveLength(128);
  }
});

test('random metrics are what the stock serializer makes of them', () => {
  const point = fc.record({ attributes: fc.dictionary(text, text, { maxKeys: 4 }), value: number });
  const counts = fc.array(fc.oneof(fc.nat(), fc.constant(2 ** 40)), { minLength: 1, maxLength: 20 });
  const histogram = fc.record({
    attributes: fc.dictionary(text, text, { maxKeys: 4 }),
    counts,
    sum: fc.option(fc.double(), { nil: undefined }),
    min: fc.option(fc.double(), { nil: undefined }),
    offset: fc.integer({ min: -2_000, max: 2_000 }),
  });
  const metric = fc.record({
    name: text,
    description: text,
    unit: fc.constantFrom('', 's', 'By'),
    isDelta: fc.boolean(),
    type: fc.constantFrom(
      DataPointType.GAUGE,
      DataPointType.SUM,
      DataPointType.HISTOGRAM,
      DataPointType.EXPONENTIAL_HISTOGRAM,
    ),
    isWhole: fc.boolean(),
    isMonotonic: fc.boolean(),
    points: fc.array(point, { maxLength: 4 }),
    histograms: fc.array(histogram, { maxLength: 4 }),
  });
  const write = createMetricRequests();
  let compared = 0;
  fc.assert(
    fc.property(fc.array(metric, { minLength: 1, maxLength: 4 }), (metrics) => {
      const times = {
        startTime: [1_700_000_000, 1] as [number, number],
        endTime: [1_700_000_060, 999_999_999] as [number, number],
      };
      const converted = metrics.map((each) => {
        const descriptor = {
          name: each.name,
          description: each.description,
          unit: each.unit,
          valueType: each.isWhole ? ValueType.INT : ValueType.DOUBLE,
        };
        const base = {
          descriptor,
          dataPointType: each.type,
          isMonotonic: each.isMonotonic,
          aggregationTemporality: each.isDelta
            ? AggregationTemporality.DELTA
            : AggregationTemporality.CUMULATIVE,
        };
        const whole = (value: number) =>
          each.isWhole ? Math.trunc(Number.isFinite(value) ? value % 2 ** 52 : 0) : value;
        if (each.type === DataPointType.GAUGE || each.type === DataPointType.SUM) {
          return {
            ...base,
            dataPoints: each.points.map(({ attributes, value }) => ({
              ...times,
              attributes,
              value: whole(value),
            })),
          };
        }
        return {
          ...base,
          dataPoints: each.histograms.map(({ attributes, counts: given, sum, min, offset }) => ({
            ...times,
            attributes,
            value: {
              count: given.reduce((all, one) => all + one, 0),
              sum,
              min,
              max: min,
              buckets: { boundaries: given.slice(1).map((_, i) => i * 1.5), counts: given },
              scale: offset % 20,
              zeroCount: given[0],
              positive: { offset, bucketCounts: given },
              negative: { offset: -offset, bucketCounts: [] },
            },
          })),
        };
      });
      const scope = { name: 'scope', version: '1.2.3', schemaUrl: 'https://example.com/1' };
      const all = {
        resource,
        scopeMetrics: [
          { scope, metrics: converted },
          { scope: { name: 'other' }, metrics: [] },
        ],
      } as unknown as ResourceMetrics;
      const stock = ProtobufMetricsSerializer.serializeRequest(all) as Uint8Array;
      expect(withoutDefaults(decoded('metrics', write(all)))).toEqual(
        withoutDefaults(decoded('metrics', stock)),
      );
      compared += converted.length;
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(200);
});

class Reader extends MetricReader {
  protected async onForceFlush() {}
  protected async onShutdown() {}
}

test('metrics that the SDK collects are what the stock serializer makes of them', async () => {
  const reader = new Reader();
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('scope', '1.2.3');
  const attributes = { text: 'é', whole: -7, large: 2 ** 40, part: 1.25, flag: false };
  meter.createCounter('counter', { unit: '1', description: 'Count.' }).add(3, attributes);
  meter.createUpDownCounter('balance', { valueType: ValueType.INT }).add(-5, attributes);
  meter.createHistogram('histogram').record(12.5, attributes);
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 0.001, 1, 1_000_000]) exponential.record(value);
  meter.createObservableGauge('gauge').addCallback((result) => result.observe(-0.25, attributes));
  const { resourceMetrics } = await reader.collect();
  const stock = ProtobufMetricsSerializer.serializeRequest(resourceMetrics) as Uint8Array;
  const own = decoded('metrics', createMetricRequests()(resourceMetrics));
  expect(withoutDefaults(own)).toEqual(withoutDefaults(decoded('metrics', stock)));
  expect(JSON.stringify(own)).toContain('exponentialHistogram');
});

test('an exemplar keeps its value, time and trace', () => {
  const traceId = '0123456789abcdef0123456789abcdef';
  const exemplar = {
    timeUnixNano: '1700000000123000000',
    asDouble: 0.25,
    traceId,
    spanId: '0123456789abcdef',
  };
  const dataPoint: PointWithExemplars<number> = {
    startTime: [0, 0],
    endTime: [1, 0],
    attributes: {},
    value: 1,
    exemplars: [exemplar],
  };
  const metrics = [
    {
      descriptor: { name: 'a', description: '', unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM as const,
      isMonotonic: true,
      dataPoints: [dataPoint],
    },
  ];
  const request = createMetricRequests()({
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: 's' }, metrics }],
  });
  const [metric] = decoded('metrics', request).resourceMetrics[0].scopeMetrics[0].metrics;
  expect(metric.sum.dataPoints[0].exemplars).toMatchObject([
    { asDouble: 0.25, traceId, spanId: exemplar.spanId, timeUnixNano: 1_700_000_000_123_000_000 },
  ]);
});
