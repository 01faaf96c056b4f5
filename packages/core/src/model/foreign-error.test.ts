import { runInNewContext } from 'node:vm';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { errorCodeOf, errorMessage, isError, recordError } from './foreign-error.js';

const exporter = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer(
  'test',
);

function recorded(error: unknown) {
  const span = tracer.startSpan('test');
  recordError(span, error);
  span.end();
  const [{ attributes, events, status } = expect.unreachable()] = exporter.getFinishedSpans();
  exporter.reset();
  return { attributes, event: events[0]?.attributes, status, events: events.length };
}

const throwing = () => {
  throw new Error('read');
};
const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const hostile: readonly (readonly [string, unknown])[] = [
  ...['name', 'message', 'stack', 'code', 'constructor'].map(
    (name) =>
      [
        `a getter '${name}' that throws`,
        Object.defineProperty(new Error('x'), name, { get: throwing }),
      ] as const,
  ),
  ['a revoked Proxy', revoked({})],
  ['a revoked Proxy of an Error', revoked(new Error('x'))],
  ['a revoked Proxy of a function', revoked(() => {})],
  ['a Proxy whose traps throw', new Proxy({}, { get: throwing, getPrototypeOf: throwing, has: throwing })],
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be text', { toString: throwing, [Symbol.toPrimitive]: throwing }],
  ['properties of odd types', { name: 1, message: Symbol('m'), stack: {}, code: 2n }],
  ['a class whose name throws', Object.assign(Object.create({ constructor: revoked(class {}) }))],
  ['a frozen Error', Object.freeze(new Error('x'))],
  ...[undefined, null, 0, -0, 1n, '', 'text', true, Symbol('s'), () => {}].map(
    (value) => [`${typeof value} ${String(value)}`, value] as const,
  ),
];

describe('a value that was thrown', () => {
  test.each(hostile)('%s: is recorded, and nothing is thrown', (_, value) => {
    const { attributes, events, status } = recorded(value);
    expect(attributes['error.type']).toMatch(/^[A-Za-z_$][\w$.]*$/);
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(events).toBe(1);
    expect(() => [isError(value), errorMessage(value), errorCodeOf(value)]).not.toThrow();
  });

  test('an Error says its class, message, stack and code', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR' });
    expect(recorded(error)).toMatchObject({
      attributes: { 'error.type': 'RangeError' },
      event: { 'exception.message': 'too far', 'exception.stacktrace': error.stack },
      status: { message: 'too far' },
    });
    expect(errorCodeOf(error)).toBe('E_FAR');
    expect(errorCodeOf({ code: 'order 7 is gone' })).toBeUndefined();
  });

  test('a system error says its code; a timeout its name, not its number', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', errno: -111 });
    expect(recorded(refused)).toMatchObject({
      attributes: { 'error.type': 'ECONNREFUSED' },
      event: { 'exception.type': 'ECONNREFUSED' },
    });
    const timeout = new DOMException('too late', 'TimeoutError');
    expect(timeout.code).toBe(23);
    expect(recorded(timeout)).toMatchObject({
      attributes: { 'error.type': 'TimeoutError' },
      event: { 'exception.type': 'TimeoutError' },
    });
  });

  test('one of another realm is an Error, too', () => {
    const error = runInNewContext('new TypeError("foreign")');
    expect(error instanceof Error).toBe(false);
    expect(recorded(error)).toMatchObject({
      attributes: { 'error.type': 'TypeError' },
      status: { message: 'foreign' },
    });
  });

  test('a text is its own message; an object has none but what it says', () => {
    expect(recorded('out of stock').event).toEqual({
      'exception.type': '_OTHER',
      'exception.message': 'out of stock',
    });
    expect(recorded({ status: 404, message: 'no such order' }).event).toEqual({
      'exception.type': 'Object',
      'exception.message': 'no such order',
    });
  });
});
