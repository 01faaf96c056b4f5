import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import { expect, test } from 'vitest';
import { protobufOfJson } from './json-request.js';

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
  const bytes = protobufOfJson('logs', request);
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
