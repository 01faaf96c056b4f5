import { SpanStatusCode, trace } from '@opentelemetry/api';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { traced } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability();
});
afterEach(() => captured.stop());

const source = `
  class OrderService {
    constructor(readonly tax: number) {}
    @traced()
    async place(price: number) { return { sum: price + this.tax, active: trace.getActiveSpan() }; }
    @traced('charge card', { attributes: { 'payment.provider': 'acme' } })
    charge() { throw new RangeError('declined'); }
    @traced()
    static load() { return 'loaded'; }
  }
  return OrderService;`;

interface OrderServiceClass {
  new (tax: number): { place(price: number): Promise<{ sum: number; active: unknown }>; charge(): void };
  load(): string;
}

/** TypeScript's own compilation of both kinds of decorators. */
function compile(experimentalDecorators: boolean): OrderServiceClass {
  const { outputText } = ts.transpileModule(`function make() { ${source} }`, {
    compilerOptions: { experimentalDecorators, target: ts.ScriptTarget.ES2022 },
  });
  return new Function('traced', 'trace', `${outputText}; return make();`)(traced, trace);
}

describe.each([
  ['TC39 decorators', false],
  ['experimentalDecorators', true],
])('@traced() with %s', (_name, experimental) => {
  test('makes a span named after class and method, and keeps this, arguments and result', async () => {
    const OrderService = compile(experimental);
    const { sum, active } = await new OrderService(2).place(40);
    expect(sum).toBe(42);
    const span = await captured.waitForSpan((s) => s.name === 'OrderService.place');
    expect((active as typeof span).spanContext().spanId).toBe(span.spanContext().spanId);
    expect(OrderService.load()).toBe('loaded');
    await captured.waitForSpan((s) => s.name === 'OrderService.load');
  });

  test('takes a name and options, and records errors', async () => {
    const OrderService = compile(experimental);
    expect(() => new OrderService(0).charge()).toThrow(new RangeError('declined'));
    const span = await captured.waitForSpan((s) => s.name === 'charge card');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'payment.provider': 'acme', 'error.type': 'RangeError' });
  });

  test('a class that is defined before init works too', async () => {
    await captured.stop();
    const OrderService = compile(experimental);
    expect(OrderService.load()).toBe('loaded');
    captured = captureObservability();
    OrderService.load();
    await captured.waitForSpan((s) => s.name === 'OrderService.load');
  });
});

test('on something that is no method it says so when the class is defined', () => {
  const decorate = traced() as unknown as (value: undefined, context: { name: string }) => void;
  expect(() => decorate(undefined, { name: 'field' })).toThrow(
    expect.objectContaining({ code: 'OBS_TRACED_INVALID' }),
  );
});
