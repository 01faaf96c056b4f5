import { type Context, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { RemoteSpan } from '../context/remote-span.js';
import { createRecorder } from '../recorder/tracer-provider.js';
import { FollowParentSampler } from './parent-based-sampler.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const inSpan = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);
const recorded = () =>
  createRecorder({ sampler: new AlwaysOnSampler(), written() {} })
    .getTracer('test')
    .startSpan('parent', {}, ROOT_CONTEXT);

const parents: Record<string, Context> = {
  'no parent': ROOT_CONTEXT,
  'a span of the recorder': inSpan(recorded()),
};
for (const traceFlags of [0, 1, 2, 3]) {
  parents[`a span of the API with the flags ${traceFlags}`] = inSpan(
    trace.wrapSpanContext({ traceId, spanId, traceFlags }),
  );
  parents[`a remote span with the flags ${traceFlags}`] = inSpan(
    new RemoteSpan({ traceId, spanId, traceFlags, isRemote: true }),
  );
}
const invalid = { traceId: '0'.repeat(32), spanId, traceFlags: 1 };
parents['a trace without an id'] = inSpan(trace.wrapSpanContext(invalid));
parents['a remote trace without a span'] = inSpan(
  trace.wrapSpanContext({ traceId, spanId: '0'.repeat(16), traceFlags: 1, isRemote: true }),
);

const roots = {
  on: new AlwaysOnSampler(),
  off: new AlwaysOffSampler(),
  half: new TraceIdRatioBasedSampler(0.5),
};

test.each(Object.keys(parents))('it decides about %s as the sampler of the SDK does', (name) => {
  for (const root of Object.values(roots)) {
    const own = new FollowParentSampler(root);
    const stock = new ParentBasedSampler({ root });
    expect(own.toString()).toBe(stock.toString());
    for (const id of [traceId, `f${traceId.slice(1)}`]) {
      const context = parents[name] as Context;
      const decisionOf = (sampler: Sampler) =>
        sampler.shouldSample(context, id, 'work', SpanKind.CONSUMER, {}, []);
      expect(decisionOf(own)).toMatchObject(decisionOf(stock));
    }
  }
});
