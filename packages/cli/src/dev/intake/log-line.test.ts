import { describe, expect, test } from 'vitest';
import { maxLineLength, readLogLine } from './log-line.js';

const read = (line: string) =>
  readLogLine(line, { serviceName: 'orders', channel: 'stdout', readMillis: 1_000 });
const traceId = '0af7651916cd43dd8448eb211c80319c';

describe('a line of', () => {
  test('Throughline has its trace, its service and its other fields', () => {
    const line = {
      ...{ timestamp: '2026-11-28T10:00:00.000Z', level: 'warn', message: 'slow', trace_id: traceId },
      ...{ span_id: 'b7ad6b7169203331', service_name: 'gateway', route: '/a', legacy_trace_id: 'old-7' },
    };
    const record = read(JSON.stringify(line));
    expect(record).toMatchObject({
      ...{ timeMillis: Date.parse(line.timestamp), level: 'warn', message: 'slow', traceId },
      ...{ spanId: 'b7ad6b7169203331', serviceName: 'gateway' },
    });
    expect(Object.keys(record.attributes)).toEqual(['route', 'legacy_trace_id']);
  });

  test.each([
    ['pino', '{"level":50,"time":1700000000000,"msg":"no"}', 'error', 1_700_000_000_000, 'no'],
    ['bunyan', '{"level":60,"time":"2026-11-28T10:00:00Z","msg":"no"}', 'fatal', 1_795_860_000_000, 'no'],
    [
      'structlog',
      '{"event":"no","level":"warning","timestamp":1700000000.5}',
      'warn',
      1_700_000_000_500,
      'no',
    ],
    ['zap', '{"level":"info","ts":1700000000,"msg":"no"}', 'info', 1_700_000_000_000, 'no'],
    ['JSON without a message', '{"a":1}', undefined, 1_000, '{"a":1}'],
    ['text', 'GET / 200', undefined, 1_000, 'GET / 200'],
    ['coloured text', '\u001b[32mready\u001b[0m', undefined, 1_000, 'ready'],
    ['broken JSON', '{"a":', undefined, 1_000, '{"a":'],
  ])('%s', (_name, line, level, timeMillis, message) => {
    expect(read(line)).toMatchObject({ level, timeMillis, message, serviceName: 'orders' });
  });
});

test('a line that is too long is cut', () => {
  expect(read('x'.repeat(maxLineLength * 2)).message).toHaveLength(maxLineLength + 1);
});

test('what is no trace id is none', () => {
  for (const id of ['0'.repeat(32), 'abc', 7, null]) {
    expect(read(JSON.stringify({ message: 'm', trace_id: id })).traceId).toBeUndefined();
  }
});
