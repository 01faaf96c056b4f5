import { createNoopMeter, ProxyTracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
import type { ObservabilityError } from '../model/errors.js';
import { applyInstrumentation } from './stock-instrumentation.js';

test('an instrumentation that is too old is not applied, and one warning says which version to take', () => {
  const calls: string[] = [];
  // As they were before 0.35: without metrics.
  const old = {
    instrumentationName: '@opentelemetry/instrumentation-orders',
    instrumentationVersion: '0.20.0',
    setTracerProvider: () => calls.push('setTracerProvider'),
    enable: () => calls.push('enable'),
    disable: () => calls.push('disable'),
  };
  const problems: ObservabilityError[] = [];
  const remove = applyInstrumentation(
    old as unknown as Instrumentation,
    undefined,
    {
      tracerProvider: new ProxyTracerProvider(),
      meterProvider: { getMeter: () => createNoopMeter() },
    },
    { loads: () => () => {} } as never,
    (problem) => problems.push(problem),
  );
  expect(problems.map(({ code, message, fix }) => ({ code, message, fix }))).toEqual([
    {
      code: 'OBS_PACKAGE_TOO_OLD',
      message: expect.stringContaining(
        "'@opentelemetry/instrumentation-orders' has no setMeterProvider; it is not applied.",
      ),
      fix: 'Update @opentelemetry/instrumentation-orders: it takes @opentelemetry/instrumentation 0.35 or newer.',
    },
  ]);
  remove();
  expect(calls).toEqual([]);
});
