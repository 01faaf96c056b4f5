import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import { expect, test } from 'vitest';
import { protobufOfJson } from './json-request.js';

class Reader extends MetricReader {
  protected async onForceFlush() {}
  protected async onShutdown() {}
}

/** Whether a default is written is left to whoever writes. */
const withoutDefaults = (message: unknown) =>
  JSON.parse(
    JSON.stringify(message, (name, value) =>
      ((name === 'description' || name === 'unit') && value === '') ||
      (name === 'offset' && value === 0) ||
      (name === 'isMonotonic' && value === false)
        ? undefined
        : value,
    ),
  );

test('metrics of every kind are what the stock serializer makes of them', async () => {
  const reader = new Reader();
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'orders', list: ['a', 'b'], yes: true, ratio: 0.5 }),
    readers: [reader],
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('scope', '1.2.3');
  const attributes = { text: 'é', whole: -7, large: 2 ** 40, part: 1.25, flag: false };
  meter.createCounter('counter', { unit: '1', description: 'Count.' }).add(3, attributes);
  meter.createUpDownCounter('balance').add(-5, attributes);
  meter.createHistogram('histogram').record(12.5, attributes);
  const exponential = meter.createHistogram('exponential');
  for (const value of [0, 0.001, 1, 1_000_000]) exponential.record(value);
  meter.createObservableGauge('gauge').addCallback((result) => result.observe(-0.25, attributes));
  const { resourceMetrics } = await reader.collect();
  const json = JsonMetricsSerializer.serializeRequest(resourceMetrics) as Uint8Array;
  const stock = ProtobufMetricsSerializer.serializeRequest(resourceMetrics) as Uint8Array;
  const decoded = otlpRequestAsJson('metrics', protobufOfJson('metrics', json));
  expect(withoutDefaults(decoded)).toEqual(withoutDefaults(otlpRequestAsJson('metrics', stock)));
  expect(JSON.stringify(decoded)).toContain('exponential');
});

test('log records and spans keep their values, of every type and size', () => {
  const values = [
    { stringValue: 'ünïcode'.repeat(50) },
    { boolValue: false },
    { intValue: -1 },
    { intValue: Number.MAX_SAFE_INTEGER },
    { doubleValue: 'NaN' },
    { arrayValue: { values: [{ intValue: 1 }, { kvlistValue: { values: [{ key: 'a', value: {} }] } }] } },
    { bytesValue: Buffer.from([0, 255]).toString('base64') },
  ];
  const attributes = values.map((value, index) => ({ key: `key ${index}`, value }));
  const record = {
    timeUnixNano: '1700000000000000000',
    observedTimeUnixNano: '1700000000000000001',
    severityNumber: 17,
    severityText: 'error',
    body: { stringValue: 'text' },
    attributes,
    droppedAttributesCount: 2,
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: '0123456789abcdef',
    flags: 1,
  };
  const scope = { name: 'scope', version: '1' };
  const request = {
    resourceLogs: [
      { resource: { attributes }, schemaUrl: 'https://a/1', scopeLogs: [{ scope, logRecords: [record] }] },
    ],
  };
  const bytes = protobufOfJson('logs', Buffer.from(JSON.stringify(request)));
  const [logs] = (otlpRequestAsJson('logs', bytes) as typeof request).resourceLogs;
  expect(logs?.schemaUrl).toBe('https://a/1');
  const decoded = logs?.scopeLogs[0]?.logRecords[0];
  expect(decoded).toMatchObject({
    severityNumber: 17,
    severityText: 'error',
    body: { stringValue: 'text' },
    droppedAttributesCount: 2,
    traceId: record.traceId,
    spanId: record.spanId,
    flags: 1,
  });
  expect(decoded?.attributes.map(({ value }) => value)).toEqual([
    ...values.slice(0, 4),
    { doubleValue: Number.NaN },
    { arrayValue: { values: [{ intValue: 1 }, { kvlistValue: { values: [{ key: 'a', value: {} }] } }] } },
    { bytesValue: '00ff' },
  ]);
});
