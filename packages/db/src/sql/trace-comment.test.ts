import { createTraceState, type Span, type SpanContext } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { withTraceComment } from './trace-comment.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const comment = `/*traceparent='00-${traceId}-${spanId}-01'*/`;
const span = (given: Partial<SpanContext> = {}) =>
  ({ spanContext: () => ({ traceId, spanId, traceFlags: 1, ...given }) }) as Span;

test.each([
  ['SELECT 1', `SELECT 1 ${comment}`],
  ['SELECT 1 ;\n', `SELECT 1 ${comment} ;\n`],
  ["SELECT 1 /*traceparent='00-1'*/", "SELECT 1 /*traceparent='00-1'*/"],
])('%s', (sql, expected) => expect(withTraceComment(sql, span())).toBe(expected));

test('not sampled, and with a state that tries to end the comment', () => {
  const traceState = createTraceState("a=1,b='*/;DROP TABLE t--");
  expect(withTraceComment('SELECT 1', span({ traceFlags: 0, traceState }))).toBe(
    `SELECT 1 /*traceparent='00-${traceId}-${spanId}-00',tracestate='a%3D1%2Cb%3D%27%2A%2F%3BDROP%20TABLE%20t--'*/`,
  );
});

test('nothing without a span', () => {
  expect(withTraceComment('SELECT 1', undefined)).toBe('SELECT 1');
  expect(withTraceComment('SELECT 1', span({ traceId: '0'.repeat(32) }))).toBe('SELECT 1');
});
