import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../instruments/duration-buckets.js';
import { createHistogram, type MetricSettings } from '../instruments/instruments.js';
import { once } from '../timing/once.js';

export type RecordOperation = (
  durationSeconds: number,
  span: Span,
  type: string,
  name: string | undefined,
  errorType: string | undefined,
) => void;

/** `graphql_operation_duration_seconds`, registered with the first operation. The semantic conventions have no metric for it. */
export function createOperationMetric(registry: Registry, settings: MetricSettings): RecordOperation {
  const record = once(() =>
    createHistogram(registry, settings, {
      name: 'graphql_operation_duration_seconds',
      help: 'Duration of executing GraphQL operations.',
      labelNames: ['graphql_operation_type', 'graphql_operation_name', 'error_type'],
      buckets: durationBuckets,
    }),
  );
  return (durationSeconds, span, type, name, errorType) =>
    record()(durationSeconds, span, type, name, errorType);
}
