import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, expectTypeOf, test } from 'vitest';
import { ObservabilityError, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability();
});
afterEach(() => captured.stop());

const named = (name: string) => captured.waitForSpan((span) => span.name === name);

test('a synchronous function: its value, its span active inside, a child of the one around', async () => {
  const value = withSpan('outer', () =>
    withSpan('inner', (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      return 42;
    }),
  );
  expectTypeOf(value).toEqualTypeOf<number>();
  expect(value).toBe(42);
  expect((await named('inner')).parentSpanContext?.spanId).toBe((await named('outer')).spanContext().spanId);
});

test('an asynchronous function: the span lasts until the promise settles', async () => {
  let finish: (value: string) => void = () => {};
  const promise = withSpan(
    'async',
    () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      }),
  );
  expectTypeOf(promise).toEqualTypeOf<Promise<string>>();
  await captured.observability.flush();
  expect(captured.spans).toHaveLength(0);
  finish('done');
  expect(await promise).toBe('done');
  expect((await named('async')).status.code).toBe(SpanStatusCode.UNSET);
});

test.each([
  [
    'thrown',
    () =>
      withSpan('failing', () => {
        throw new RangeError('too far');
      }),
  ],
  [
    'rejected',
    () =>
      withSpan('failing', async () => {
        throw new RangeError('too far');
      }),
  ],
])('an error that is %s is recorded and passed on', async (_name, run) => {
  await expect((async () => run())()).rejects.toThrow(new RangeError('too far'));
  const span = await named('failing');
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
  expect(span.attributes['error.type']).toBe('RangeError');
  expect(span.events[0]?.attributes).toMatchObject({
    'exception.type': 'RangeError',
    'exception.message': 'too far',
  });
});

test('something thrown that is no error is recorded too', async () => {
  expect(() =>
    withSpan('odd', () => {
      throw 'a word';
    }),
  ).toThrow('a word');
  expect((await named('odd')).attributes['error.type']).toBe('_OTHER');
});

test('a rejection that the caller forgets is still unhandled', async () => {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve));
  void withSpan('forgotten', async () => {
    throw new Error('forgotten');
  });
  expect(await unhandled).toEqual(new Error('forgotten'));
  for (const listener of listeners) process.on('unhandledRejection', listener);
});

test('a thenable that runs when it is awaited, such as a query builder, runs once', async () => {
  let runs = 0;
  class Query implements PromiseLike<number[]> {
    // biome-ignore lint/suspicious/noThenProperty: that is what makes it a thenable
    then<A, B>(
      resolve?: ((rows: number[]) => A | PromiseLike<A>) | null,
      reject?: ((error: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      runs++;
      return Promise.resolve([1]).then(resolve, reject) as Promise<A | B>;
    }
  }
  expect(await withSpan('query', () => new Query())).toEqual([1]);
  expect(runs).toBe(1);
});

test('kind, attributes, links and root', async () => {
  const link = { context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } };
  withSpan('outer', () =>
    withSpan('root', () => {}, { kind: SpanKind.PRODUCER, attributes: { a: 1 }, links: [link], root: true }),
  );
  const span = await named('root');
  expect(span.kind).toBe(SpanKind.PRODUCER);
  expect(span.attributes).toEqual({ a: 1 });
  expect(span.links[0]?.context.traceId).toBe('1'.repeat(32));
  expect(span.parentSpanContext).toBeUndefined();
});

test.each([undefined, null, '', 7, Symbol('s'), {}])(
  'with the name %j the function runs all the same',
  async (name) => {
    expect(withSpan(name as never, () => 7)).toBe(7);
    expect((await named('unnamed')).name).toBe('unnamed');
  },
);

test('without a function it says how to call it', () => {
  expect(() => withSpan('x', undefined as never)).toThrow(ObservabilityError);
  expect(() => withSpan('x', undefined as never)).toThrow(
    expect.objectContaining({ code: 'OBS_WITH_SPAN_INVALID' }),
  );
});

test('before init and after shutdown it just runs the function', async () => {
  await captured.stop();
  expect(withSpan('nothing', () => 1)).toBe(1);
});
