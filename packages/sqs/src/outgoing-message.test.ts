import { expect, test } from 'vitest';
import { headersOf, sizeOfMessage, withHeaders } from './outgoing-message.js';
import { nameOfQueue } from './queue-names.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const attribute = { DataType: 'String', StringValue: 'x' };
const ten = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, attribute]));
const namesIn = (message: object | undefined) =>
  Object.keys((message as { MessageAttributes?: object } | undefined)?.MessageAttributes ?? {});

test('baggage is left out before the trace is', () => {
  const message = { MessageBody: 'a', MessageAttributes: ten(9) };
  const carrying = withHeaders(message, { traceparent, baggage: 'tenant=acme' }, 10);
  expect(namesIn(carrying?.message)).toEqual([...namesIn(message), 'traceparent']);
  expect(withHeaders(message, { traceparent, tracestate: 'a=b' }, 10)).toBeUndefined();
});

test.each([256 * 1024, 1024 * 1024])('what is added never crosses %i bytes', (limit) => {
  const added = sizeOfMessage({
    MessageAttributes: { traceparent: { ...attribute, StringValue: traceparent } },
  });
  expect(withHeaders({}, { traceparent }, limit - added)?.bytes).toBe(added);
  expect(withHeaders({}, { traceparent }, limit - added + 1)).toBeUndefined();
  // SQS refuses or takes it as it would without a trace.
  expect(withHeaders({}, { traceparent }, limit + 1)).toBeDefined();
});

test('sizes are bytes of UTF-8', () => {
  expect(sizeOfMessage({ MessageBody: 'é', MessageAttributes: { a: attribute } })).toBe(2 + 1 + 6 + 1);
  expect(
    sizeOfMessage({ MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array(5) } } }),
  ).toBe(1 + 6 + 5);
});

test('only text attributes are headers', () => {
  expect(
    headersOf({ a: attribute, b: { DataType: 'Binary', BinaryValue: new Uint8Array(1) }, c: null }),
  ).toEqual({
    a: 'x',
  });
  expect(headersOf(null)).toEqual({});
});

test.each([
  ['https://sqs.eu-central-1.amazonaws.com/123456789012/orders.fifo', 'orders.fifo'],
  ['http://127.0.0.1:9324/000000000000/reply-0af76519-16cd-43dd-8448-eb211c80319c', 'reply-*'],
  ['orders', 'orders'],
  ['https://example.org/a?b=c', '_OTHER'],
  ['', '_OTHER'],
  [7, '_OTHER'],
])('the queue of %s is %s', (url, name) => expect(nameOfQueue(url)).toBe(name));
