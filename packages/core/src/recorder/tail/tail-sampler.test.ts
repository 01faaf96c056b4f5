import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeTraceRequest } from '../../../test/otlp/decode-trace-request.js';
import { holdSdkSpans } from '../../export/held-sdk-spans.js';
import { exemplarOfSpan } from '../../instruments/exemplar.js';
import { TraceRequestWriter } from '../otlp/trace-request.js';
import type { RecorderSampler } from '../tracer.js';
import { createRecorder } from '../tracer-provider.js';
import { type TailBounds, type TailResult, TailSampler, type TailSettings } from './tail-sampler.js';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

interface Exported {
  readonly name: string;
  readonly isSampled: boolean;
  readonly keptFor: unknown;
}

interface Set {
  readonly tracer: Tracer;
  readonly tail: TailSampler;
  readonly results: TailResult[];
  omitted(): number;
  exported(): Exported[];
}

const bounds: TailBounds = { maxTraces: 100, maxSpansPerTrace: 50, maxBytes: 1_000_000 };
/** Takes only spans with this name, as a head sampler would by chance. */
const head: RecorderSampler = {
  ignoresAttributes: true,
  shouldSample: (_context, _traceId, name) => ({
    decision: name === 'sampled' ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  }),
};

function counting(given: Partial<TailBounds>, settings: Partial<TailSettings>) {
  const results: TailResult[] = [];
  let omitted = 0;
  const tail = new TailSampler(
    { ...bounds, ...given },
    {
      decided: (result) => results.push(result),
      dropped(spans) {
        omitted += spans;
      },
    },
  );
  tail.change(settings);
  return { tail, results, omitted: () => omitted };
}

function ownRecorder(given: Partial<TailBounds>, settings: Partial<TailSettings>): Set {
  const counts = counting(given, settings);
  const request = new TraceRequestWriter({ attributes: {} });
  const provider = createRecorder({
    sampler: head,
    tail: counts.tail,
    written: (section, span) => request.add(section, span),
  });
  return {
    ...counts,
    tracer: provider.getTracer('test'),
    exported: () =>
      request.spanCount === 0
        ? []
        : decodeTraceRequest(request.take()).map(({ name, flags, attributes }) => ({
            name,
            isSampled: ((flags ?? 0) & 1) === 1,
            keptFor: (attributes['throughline.sampling.kept_for'] as { stringValue: string } | undefined)
              ?.stringValue,
          })),
  };
}

function sdk(given: Partial<TailBounds>, settings: Partial<TailSettings>): Set {
  const counts = counting(given, settings);
  const finished: ReadableSpan[] = [];
  const held = holdSdkSpans(counts.tail, head, (span) => finished.push(span));
  const sampled = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    sampler: held.sampler,
    spanProcessors: [
      held.processor,
      {
        onStart() {},
        onEnd(span) {
          if (span.spanContext().traceFlags & 1) sampled.export([span], () => {});
        },
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  return {
    ...counts,
    tracer: provider.getTracer('test'),
    exported() {
      const all = [...sampled.getFinishedSpans(), ...finished.splice(0)];
      sampled.reset();
      return all.map((span) => ({
        name: span.name,
        isSampled: (span.spanContext().traceFlags & 1) === 1,
        keptFor: span.attributes['throughline.sampling.kept_for'],
      }));
    },
  };
}

const under = (parent: Span): Context => trace.setSpan(ROOT_CONTEXT, parent);
const names = (spans: readonly Exported[]) => spans.map(({ name }) => name).sort();

describe.each([
  ['our recorder', ownRecorder],
  ['spans of the SDK', sdk],
])('%s', (_, create) => {
  test('a trace in which a span fails is kept whole: what ended before, what ends later, and the rest', () => {
    const { tracer, exported, results } = create({}, { keepErrors: true });
    const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
    const before = tracer.startSpan('before', {}, under(request));
    before.end();
    const open = tracer.startSpan('open', {}, under(request));
    const failing = tracer.startSpan('failing', {}, under(request));
    failing.setStatus({ code: SpanStatusCode.ERROR });
    expect(exported()).toEqual([]);
    failing.end();
    open.end();
    const later = tracer.startSpan('later', {}, under(request));
    later.end();
    request.end();
    const spans = exported();
    expect(names(spans)).toEqual(['before', 'failing', 'later', 'open', 'request']);
    expect(spans.every(({ isSampled }) => isSampled)).toBe(true);
    expect(spans.filter(({ keptFor }) => keptFor !== undefined)).toMatchObject([
      { name: 'failing', keptFor: 'error' },
    ]);
    expect(results).toEqual(['kept_error']);
    expect((request.spanContext().traceFlags & 1) === 0).toBe(true);
  });

  test('a trace without a failure leaves nothing behind', () => {
    const { tracer, tail, exported, results } = create({}, { keepErrors: true });
    const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
    tracer.startSpan('query', {}, under(request)).end();
    expect(tail.holding().traces).toBe(1);
    request.end();
    expect(exported()).toEqual([]);
    expect(results).toEqual(['discarded']);
    expect(tail.holding()).toEqual({ traces: 0, sizeBytes: 0 });
  });

  test('work that fails after the response is still seen', () => {
    const { tracer, exported } = create({}, { keepErrors: true });
    const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
    const background = tracer.startSpan('background', {}, under(request));
    request.end();
    background.setStatus({ code: SpanStatusCode.ERROR });
    background.end();
    expect(names(exported())).toEqual(['background', 'request']);
  });

  test('slow traces are kept, fast ones are not', () => {
    const { tracer, exported, results } = create({}, { keepSlowerThanMillis: 1_000 });
    const now = Date.now();
    for (const [name, millis] of [
      ['slow', 1_000],
      ['fast', 999],
    ] as const) {
      const request = tracer.startSpan(name, { startTime: now }, ROOT_CONTEXT);
      tracer.startSpan(`${name} query`, { startTime: now }, under(request)).end(now + 1);
      request.end(now + millis);
    }
    const spans = exported();
    expect(names(spans)).toEqual(['slow', 'slow query']);
    expect(spans.find(({ name }) => name === 'slow')?.keptFor).toBe('slow');
    expect(results).toEqual(['kept_slow', 'discarded']);
  });

  test('what head sampling takes is as it was, and is not held', () => {
    const { tracer, tail, exported, results } = create({}, { keepErrors: true });
    const span = tracer.startSpan('sampled', {}, ROOT_CONTEXT);
    expect(tail.holding().traces).toBe(0);
    span.end();
    expect(exported()).toMatchObject([{ name: 'sampled', isSampled: true, keptFor: undefined }]);
    expect(results).toEqual([]);
  });

  test('the local part of a trace that the caller did not sample is kept too', () => {
    const { tracer, exported } = create({}, { keepErrors: true });
    const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0, isRemote: true };
    const request = tracer.startSpan('request', {}, trace.setSpanContext(ROOT_CONTEXT, caller));
    request.setStatus({ code: SpanStatusCode.ERROR });
    request.end();
    expect(names(exported())).toEqual(['request']);
  });

  test('an exemplar points at a trace as soon as it is kept, and never at another', () => {
    const { tracer } = create({}, { keepErrors: true });
    const kept = tracer.startSpan('request', {}, ROOT_CONTEXT);
    expect(exemplarOfSpan(kept)).toBeUndefined();
    kept.setStatus({ code: SpanStatusCode.ERROR });
    kept.end();
    expect(exemplarOfSpan(kept)).toEqual({
      trace_id: kept.spanContext().traceId,
      span_id: kept.spanContext().spanId,
    });
    const other = tracer.startSpan('request', {}, ROOT_CONTEXT);
    other.end();
    expect(exemplarOfSpan(other)).toBeUndefined();
  });

  test('off: nothing is recorded of a trace that is not sampled', () => {
    const { tracer, tail } = create({}, {});
    const span = tracer.startSpan('request', {}, ROOT_CONTEXT);
    expect(span.isRecording()).toBe(false);
    expect(tail.holding().traces).toBe(0);
  });

  test('too many traces at once: the oldest goes, is counted, and records nothing any more', () => {
    const { tracer, tail, exported, results } = create({ maxTraces: 2 }, { keepErrors: true });
    const [first, second, third] = ['a', 'b', 'c'].map((name) => tracer.startSpan(name, {}, ROOT_CONTEXT));
    expect(results).toEqual(['overflow']);
    expect(tail.holding().traces).toBe(2);
    expect(tracer.startSpan('below', {}, under(first as Span)).isRecording()).toBe(false);
    for (const span of [first, second, third]) {
      span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    }
    expect(names(exported())).toEqual(['b', 'c']);
  });

  test('no room left: a trace that is slow already is kept, not dropped', () => {
    const { tracer, exported, results } = create({ maxTraces: 1 }, { keepSlowerThanMillis: 0 });
    const slow = tracer.startSpan('slow', {}, ROOT_CONTEXT);
    tracer.startSpan('next', {}, ROOT_CONTEXT);
    expect(results).toEqual(['kept_slow']);
    slow.end();
    expect(names(exported())).toEqual(['slow']);
  });

  test('a trace with very many spans is kept with as many as there is room for; the others are counted', () => {
    const { tracer, exported, omitted } = create({ maxSpansPerTrace: 10 }, { keepErrors: true });
    const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
    for (let i = 0; i < 100; i++) tracer.startSpan('query', {}, under(request)).end();
    request.setStatus({ code: SpanStatusCode.ERROR });
    request.end();
    expect(exported()).toHaveLength(11);
    expect(omitted()).toBe(90);
  });

  test('memory is bounded in bytes, whatever the spans hold', () => {
    const { tracer, tail, results } = create({ maxBytes: 100_000 }, { keepErrors: true });
    const requests: Span[] = [];
    for (let i = 0; i < 50; i++) {
      const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
      requests.push(request);
      const query = tracer.startSpan('query', {}, under(request));
      query.setAttribute('text', 'x'.repeat(10_000));
      query.end();
      expect(tail.holding().sizeBytes).toBeLessThanOrEqual(100_000);
    }
    expect(results.filter((result) => result === 'overflow').length).toBeGreaterThan(30);
    for (const request of requests) request.end();
    expect(tail.holding()).toEqual({ traces: 0, sizeBytes: 0 });
  });

  test('the limit of traces per second holds for those that are kept', () => {
    const { tracer, tail, exported, results } = create({}, { keepErrors: true });
    let left = 2;
    tail.limit(() => left-- > 0);
    for (let i = 0; i < 5; i++) {
      const request = tracer.startSpan('request', {}, ROOT_CONTEXT);
      request.setStatus({ code: SpanStatusCode.ERROR });
      request.end();
    }
    expect(exported()).toHaveLength(2);
    expect(results).toEqual(['kept_error', 'kept_error', 'rate_limited', 'rate_limited', 'rate_limited']);
  });

  test('random programs: every part is decided once, exported spans are whole parts, and nothing stays', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ start: 'root' as const }) },
      { weight: 5, arbitrary: fc.record({ below: fc.nat() }) },
      { weight: 6, arbitrary: fc.record({ end: fc.nat(), fails: fc.boolean() }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { tracer, tail, exported, results } = create({ maxTraces: 1_000 }, { keepErrors: true });
        const open: { span: Span; part: number }[] = [];
        const parts: { spans: number; failed: boolean }[] = [];
        for (const each of steps) {
          if ('start' in each) {
            open.push({ span: tracer.startSpan(`p${parts.length}`, {}, ROOT_CONTEXT), part: parts.length });
            parts.push({ spans: 1, failed: false });
          } else if ('below' in each && open.length > 0) {
            const { span, part } = open[each.below % open.length] as (typeof open)[number];
            open.push({ span: tracer.startSpan(`p${part}`, {}, under(span)), part });
            (parts[part] as { spans: number }).spans++;
          } else if ('end' in each && open.length > 0) {
            const [{ span, part }] = open.splice(each.end % open.length, 1) as [(typeof open)[number]];
            if (each.fails) {
              span.setStatus({ code: SpanStatusCode.ERROR });
              (parts[part] as { failed: boolean }).failed = true;
            }
            span.end();
          }
        }
        for (const { span } of open) span.end();
        const counts = new Map<string, number>();
        for (const { name } of exported()) counts.set(name, (counts.get(name) ?? 0) + 1);
        for (const [index, { spans, failed }] of parts.entries()) {
          expect(counts.get(`p${index}`) ?? 0).toBe(failed ? spans : 0);
        }
        expect(results).toHaveLength(parts.length);
        expect(tail.holding()).toEqual({ traces: 0, sizeBytes: 0 });
      }),
      { numRuns: 200 },
    );
  });
});
