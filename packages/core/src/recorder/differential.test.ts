import {
  type Attributes,
  type Context,
  type Exception,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { suppressTracing, TraceState } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecodedSpan, decodeTraceRequest } from '../../test/otlp/decode-trace-request.js';
import { createRedactingProcessor, lengthLimitBeforeRedaction } from '../export/redaction-processor.js';
import { TraceRequestWriter } from './otlp/trace-request.js';
import { createRecorder } from './tracer-provider.js';

/*
 * The stock SDK is the oracle: random programs of API calls run on both, and what both would send is decoded by a third
 * party's decoder and compared field by field. What differs on purpose is in `asRecorded`, and nowhere else.
 */

const programCount = Number(process.env.DIFFERENTIAL_RUNS ?? 1_000);

const limits = {
  attributeCount: 6,
  attributeValueLength: 12,
  eventCount: 3,
  linkCount: 3,
  attributesPerEvent: 3,
  attributesPerLink: 2,
};

const resource = resourceFromAttributes({ 'service.name': 'örders', 'process.pid': 7, ok: true });

/** Ids in the same order for both. */
function countingIds() {
  let last = 0;
  const next = (digits: number) => (++last).toString(16).padStart(digits, 'a');
  return { generateTraceId: () => next(32), generateSpanId: () => next(16) };
}

interface Side {
  readonly tracers: readonly Tracer[];
  finished(): DecodedSpan[];
}

const scopes = [['one', '1.0.0'], ['two']] as const;

function sdk(sampler: Sampler): Side {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    resource,
    sampler,
    idGenerator: countingIds(),
    spanLimits: {
      attributeCountLimit: limits.attributeCount,
      attributeValueLengthLimit: lengthLimitBeforeRedaction(limits.attributeValueLength),
      eventCountLimit: limits.eventCount,
      linkCountLimit: limits.linkCount,
      attributePerEventCountLimit: limits.attributesPerEvent,
      attributePerLinkCountLimit: limits.attributesPerLink,
    },
    spanProcessors: [
      createRedactingProcessor(limits.attributeValueLength),
      new SimpleSpanProcessor(exporter),
    ],
  });
  return {
    tracers: scopes.map(([name, version]) => provider.getTracer(name, version)),
    finished: () =>
      decodeTraceRequest(ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) as Uint8Array),
  };
}

function recorder(sampler: Sampler): Side {
  const request = new TraceRequestWriter({ attributes: resource.attributes });
  const provider = createRecorder({
    sampler,
    idGenerator: countingIds(),
    limits,
    written: (section, span) => request.add(section, span),
  });
  return {
    tracers: scopes.map(([name, version]) => provider.getTracer(name, version)),
    finished: () => (request.spanCount === 0 ? [] : decodeTraceRequest(request.take())),
  };
}

// Values that an API call may get, right and wrong ones.

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 16 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 16 }) },
  fc.constantFrom('', '\ud800', 'a\udc00b', '한국어 텍스트', 'x'.repeat(130), '😀'.repeat(9)),
);
const secrets = fc.constantFrom(
  'token=x8f14e45fceea',
  'sID:@',
  'password: hunter2',
  'GET https://shop:pa55word@db/orders',
  'login eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wIn0.c2lnbmF0dXJl',
  'Bearer 8f14e45fceea167a',
  '비밀번호: hunter2',
);
const textOrSecret = fc.oneof({ weight: 9, arbitrary: text }, secrets);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    Number.NaN,
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    -(2 ** 63),
    2 ** 62,
    1e300,
    Number.POSITIVE_INFINITY,
    0.5,
  ),
);
const holes = fc.constantFrom(null, undefined);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(textOrSecret, number, fc.boolean()) },
  { weight: 2, arbitrary: fc.array(fc.oneof(textOrSecret, holes), { maxLength: 4 }) },
  { weight: 2, arbitrary: fc.array(fc.oneof(number, holes), { maxLength: 4 }) },
  fc.array(fc.boolean(), { maxLength: 4 }),
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      null,
      undefined,
      {},
      { a: 1 },
      [1, 'a'],
      [[1]],
      [{}],
      Symbol('s'),
      5n,
      () => 1,
      new Date(0),
    ),
  },
);
// None that holds no secrets by the conventions, such as `http.route`: the recorder looks for secrets in all that it cuts.
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'order.id', 'd', 'e', 'ключ') },
  fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__'),
);
const attributes = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(key, value, { maxKeys: 9, noNullPrototype: false }) },
  fc.constantFrom<unknown>(undefined, null),
) as fc.Arbitrary<Attributes | undefined>;

const baseMillis = 1_700_000_000_000;
const time = fc.oneof(
  fc.integer({ min: -5_000, max: 5_000 }).map((offset) => baseMillis + offset),
  fc.double({ min: 0, max: 5_000, noNaN: true }).map((offset) => baseMillis + offset),
  fc.integer({ min: 0, max: 4_000_000_000_000 }).map((millis) => new Date(millis)),
  fc.tuple(fc.integer({ min: 0, max: 9_000_000_000 }), fc.integer({ min: 0, max: 999_999_999 })),
) as fc.Arbitrary<TimeInput>;

const hexId = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const spanContext: fc.Arbitrary<SpanContext> = fc.record({
  traceId: fc.oneof({ weight: 6, arbitrary: hexId(32) }, fc.constant('0'.repeat(32))),
  spanId: fc.oneof({ weight: 6, arbitrary: hexId(16) }, fc.constant('0'.repeat(16))),
  // The random flag of a parent is kept, by W3C Trace Context, Level 2, which the oracle does not know.
  traceFlags: fc.constantFrom(0, 1),
  isRemote: fc.boolean(),
  traceState: fc.constantFrom(undefined, new TraceState('a=1,b=2')),
}) as fc.Arbitrary<SpanContext>;
const link: fc.Arbitrary<Link> = fc.record({ context: spanContext, attributes }) as fc.Arbitrary<Link>;
const status = fc.record({
  code: fc.constantFrom(0, 1, 2),
  message: fc.oneof(textOrSecret, fc.constantFrom(undefined, null, 5, {})),
}) as unknown as fc.Arbitrary<SpanStatus>;
const exception = fc.oneof(
  textOrSecret,
  fc.record(
    { name: text, message: textOrSecret, stack: textOrSecret, code: fc.constantFrom(undefined, 'E_CODE', 0) },
    { requiredKeys: [], noNullPrototype: true },
  ),
  fc.constantFrom<unknown>(null, undefined, {}, 0),
) as fc.Arbitrary<Exception>;

type Step = (span: Span) => unknown;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, value).map(
    ([k, v]) =>
      (span: Span) =>
        span.setAttribute(k, v as never),
  ),
  attributes
    .filter((given) => given !== null)
    .map((given) => (span: Span) => span.setAttributes(given as never)),
  fc.tuple(textOrSecret, attributes, time).map(
    ([n, a, t]) =>
      (span: Span) =>
        span.addEvent(n, a, t),
  ),
  fc.tuple(textOrSecret, time).map(
    ([n, t]) =>
      (span: Span) =>
        span.addEvent(n, t),
  ),
  link.map((given) => (span: Span) => span.addLink(given)),
  fc.array(link, { maxLength: 5 }).map((given) => (span: Span) => span.addLinks(given)),
  status.map((given) => (span: Span) => span.setStatus(given)),
  textOrSecret.map((given) => (span: Span) => span.updateName(given)),
  fc.tuple(exception, time).map(
    ([e, t]) =>
      (span: Span) =>
        span.recordException(e, t),
  ),
);

interface SpanProgram {
  readonly tracer: 0 | 1;
  readonly name: string;
  readonly kind: SpanKind | undefined;
  readonly root: boolean;
  readonly parent: number | SpanContext | 'suppressed';
  readonly startTime: TimeInput;
  readonly attributes: Attributes | undefined;
  readonly links: Link[] | undefined;
  readonly steps: readonly Step[];
  readonly endTime: TimeInput;
  readonly late: readonly Step[];
}

const spanProgram: fc.Arbitrary<SpanProgram> = fc.record({
  tracer: fc.constantFrom(0, 1),
  name: textOrSecret,
  kind: fc.constantFrom(undefined, 0, 1, 2, 3, 4),
  root: fc.boolean(),
  parent: fc.oneof(fc.nat({ max: 4 }), spanContext, fc.constant('suppressed' as const)),
  startTime: time,
  attributes,
  links: fc.option(fc.array(link, { maxLength: 5 }), { nil: undefined }),
  steps: fc.array(step, { maxLength: 12 }),
  endTime: time,
  late: fc.array(step, { maxLength: 2 }),
}) as fc.Arbitrary<SpanProgram>;

const addingSampler: Sampler = {
  shouldSample: (_context, traceId, name, kind, seen) => {
    seen.seen = Object.keys(seen).length;
    return {
      decision: (['NOT_RECORD', 'RECORD', 'RECORD_AND_SAMPLED', 'RECORD_AND_SAMPLED'] as const).map(
        (decision) => SamplingDecision[decision],
      )[(name.length + kind) % 4] as SamplingDecision,
      attributes: { 'sampler.trace': traceId, a: 'by the sampler' },
      traceState: new TraceState('sampler=1'),
    };
  },
  toString: () => 'adding',
};
const samplers: Readonly<Record<string, () => Sampler>> = {
  on: () => new AlwaysOnSampler(),
  off: () => new AlwaysOffSampler(),
  ratio: () => new TraceIdRatioBasedSampler(0.5),
  parent: () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.5) }),
  adding: () => addingSampler,
};

function run(side: Side, programs: readonly SpanProgram[]): DecodedSpan[] {
  const spans: Span[] = [];
  for (const program of programs) {
    const span = (side.tracers[program.tracer] as Tracer).startSpan(
      program.name,
      {
        ...(program.kind === undefined ? {} : { kind: program.kind }),
        root: program.root,
        startTime: program.startTime,
        ...(program.attributes === undefined ? {} : { attributes: program.attributes }),
        ...(program.links === undefined ? {} : { links: program.links }),
      },
      parentContext(program.parent, spans),
    );
    for (const each of program.steps) each(span);
    spans.push(span);
  }
  // Children end before their parents, and one that has ended stays as it is.
  for (const [index, program] of [...programs.entries()].reverse()) {
    const span = spans[index] as Span;
    span.end(program.endTime);
    for (const each of program.late) each(span);
    span.end();
  }
  return side.finished();
}

function parentContext(parent: SpanProgram['parent'], spans: readonly Span[]): Context {
  if (parent === 'suppressed') return suppressTracing(ROOT_CONTEXT);
  if (typeof parent !== 'number') return trace.setSpanContext(ROOT_CONTEXT, parent);
  const span = spans[parent];
  return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

/** What the recorder does in another way than the SDK, on purpose. */
function asRecorded(span: DecodedSpan): DecodedSpan {
  return {
    ...span,
    // A limit of characters never leaves half of a character behind.
    attributes: mapTexts(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: mapTexts(event.attributes) })),
    links: span.links.map((each) => ({ ...each, attributes: mapTexts(each.attributes) })),
  };
}

function mapTexts(of: DecodedSpan['attributes']): DecodedSpan['attributes'] {
  const clean = (given: unknown): unknown => {
    if (Array.isArray(given)) return given.map(clean);
    const { stringValue } = (given ?? {}) as { stringValue?: string };
    return stringValue === undefined ? given : { stringValue: stringValue.replace(/\ufffd$/, '') };
  };
  return Object.fromEntries(Object.entries(of).map(([k, v]) => [k, clean(v)]));
}

function sorted(spans: readonly DecodedSpan[]): DecodedSpan[] {
  return [...spans].map(asRecorded).sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
}

test(
  `${programCount} random programs send the same through the recorder as through the SDK`,
  () => {
    fc.assert(
      fc.property(
        fc.array(spanProgram, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...Object.keys(samplers)),
        (programs, name) => {
          const sampler = samplers[name] as () => Sampler;
          const recorded = run(recorder(sampler()), programs);
          expect(sorted(recorded)).toEqual(sorted(run(sdk(sampler()), programs)));
        },
      ),
      { numRuns: programCount },
    );
  },
  60_000 + programCount * 100,
);
