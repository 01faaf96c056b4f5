import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler, type Sampler } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { createRecorder, type RecorderOptions } from '../recorder/tracer-provider.js';
import { createPropagator } from './propagation.js';

/*
 * https://www.w3.org/TR/trace-context-2/#random-trace-id-flag: who makes a trace id says whether it is random; everybody
 * after that hands this on, and sets no flag that is unknown.
 */
const carriers = { get: (carrier: Record<string, string>, key: string) => carrier[key], keys: Object.keys };
const setter = {
  set(carrier: Record<string, string>, key: string, value: string) {
    carrier[key] = value;
  },
};
const remoteIds = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

function sentBelow(
  headers: Record<string, string>,
  propagators: 'tracecontext' | 'jaeger' | 'b3',
  sampler: Sampler,
  more: Partial<RecorderOptions> = {},
) {
  const propagator = createPropagator([propagators]);
  const tracer = createRecorder({ sampler, written() {}, ...more }).getTracer('test');
  const parent = propagator.extract(ROOT_CONTEXT, headers, carriers);
  const span = tracer.startSpan('work', {}, parent);
  const child = tracer.startSpan('part', {}, trace.setSpan(parent, span));
  const sent: Record<string, string> = {};
  propagator.inject(trace.setSpan(parent, child), sent, setter);
  return { span, child, sent };
}

test.each([
  [new AlwaysOnSampler(), 3],
  [new AlwaysOffSampler(), 2],
])('a trace that begins here has a random id, and its flags say so: %s', (sampler, flags) => {
  const { span, child, sent } = sentBelow({}, 'tracecontext', sampler);
  expect([span.spanContext().traceFlags, child.spanContext().traceFlags]).toEqual([flags, flags]);
  expect(sent.traceparent).toMatch(new RegExp(`-0${flags}$`));
});

test.each([
  ['00', '01'],
  ['01', '01'],
  ['02', '03'],
  ['03', '03'],
  ['ff', '03'],
])('flags %s of a trace that began elsewhere become %s in a sampled span', (given, sent) => {
  const { sent: headers } = sentBelow(
    { traceparent: `00-${remoteIds}-${given}` },
    'tracecontext',
    new AlwaysOnSampler(),
  );
  expect(headers.traceparent).toMatch(
    new RegExp(`^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-${sent}$`),
  );
});

test('a generator of the caller that says nothing of its ids leaves the flag out', () => {
  const idGenerator = { generateTraceId: () => '1'.repeat(32), generateSpanId: () => '2'.repeat(16) };
  const { span } = sentBelow({}, 'tracecontext', new AlwaysOnSampler(), { idGenerator });
  expect(span.spanContext().traceFlags).toBe(TraceFlags.SAMPLED);
});

test("it is not sent in Jaeger's format, where the same bit asks for a debug trace, nor read from there", () => {
  expect(sentBelow({}, 'jaeger', new AlwaysOnSampler()).sent['uber-trace-id']).toMatch(/:01$/);
  const debug = { 'uber-trace-id': '0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:3' };
  expect(sentBelow(debug, 'jaeger', new AlwaysOnSampler()).span.spanContext().traceFlags).toBe(1);
  expect(sentBelow({}, 'b3', new AlwaysOnSampler()).sent.b3).toMatch(/-1$/);
});
