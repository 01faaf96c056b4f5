import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import type { PropagatorName } from '../options/trace-options.js';
import { createBaggagePropagator } from './baggage.js';
import { guardedPropagator } from './guarded-propagator.js';
import { withLowerCaseIds } from './lower-case-ids.js';
import { withSampledFlagOnly } from './sampled-flag-only.js';
import { createTraceContextPropagator } from './trace-context.js';

const foreign = (given: TextMapPropagator) => withLowerCaseIds(withSampledFlagOnly(given));

const byName: Record<Exclude<PropagatorName, 'none'>, () => TextMapPropagator> = {
  tracecontext: () => createTraceContextPropagator(),
  baggage: () => createBaggagePropagator(),
  b3: () => foreign(new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER })),
  b3multi: () => foreign(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })),
  jaeger: () => foreign(new JaegerPropagator()),
};

const w3c: ReadonlySet<unknown> = new Set(['tracecontext', 'baggage']);

/** The propagators of `traces.propagators` as one; `none` anywhere in the list switches all of them off. */
export function createPropagator(names: readonly (PropagatorName | TextMapPropagator)[]): TextMapPropagator {
  if (names.includes('none')) return new CompositePropagator({ propagators: [] });
  const propagators = [...new Set(names)].map((name) =>
    typeof name === 'string' ? byName[name as Exclude<PropagatorName, 'none'>]() : guardedPropagator(name),
  );
  const all =
    propagators.length === 1 && propagators[0] ? propagators[0] : new CompositePropagator({ propagators });
  const isW3c = names.includes('tracecontext') && names.every((name) => w3c.has(name));
  return isW3c ? Object.assign(all, { isW3c }) : all;
}
