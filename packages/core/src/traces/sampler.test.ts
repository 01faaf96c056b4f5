import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { samplerNames } from '../options/trace-options.js';
import { createSampler, samplerThatTells } from './sampler.js';

const traceId = '1'.repeat(32);

test.each(samplerNames)('%s: the short way below a parent decides as the sampler itself does', (name) => {
  for (const change of [undefined, 0, 1]) {
    const sampler = createSampler(name, 0.5);
    if (change !== undefined) sampler.setRatio(change);
    for (const isSampled of [true, false]) {
      const parent = { traceId, spanId: '2'.repeat(16), traceFlags: isSampled ? 1 : 0 };
      for (const isRemote of [true, false]) {
        const below = trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote });
        for (const kind of [SpanKind.CLIENT, SpanKind.SERVER]) {
          const short = sampler.belowParent(kind, isSampled);
          if (short === undefined) continue;
          expect(sampler.shouldSample(below, traceId, 'name', kind, {}, [])).toEqual(short);
        }
      }
    }
    expect(sampler.belowParent(SpanKind.CLIENT, true) !== undefined).toBe(sampler.decidesByTrace);
  }
});

test('requests and messages are told of once, also below a parent', () => {
  let told = 0;
  const sampler = samplerThatTells(createSampler('parentbased_always_on', 1), () => told++);
  expect(sampler.belowParent(SpanKind.SERVER, true)).toBeUndefined();
  expect(sampler.belowParent(SpanKind.CONSUMER, true)).toBeUndefined();
  expect(sampler.belowParent(SpanKind.CLIENT, true)?.decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  expect(told).toBe(0);
  sampler.shouldSample(ROOT_CONTEXT, traceId, 'name', SpanKind.SERVER, {}, []);
  expect(told).toBe(1);
});
