export type { AnnotationFields, AnnotationValue } from './annotations/annotations.js';
export { type Contract, defineContract, type IdentityRule } from './contract/contract.js';
export type { SamplingChanges } from './control/sampling-settings.js';
export type { DiagnoseOptions, Diagnosis } from './diagnosis/diagnosis.js';
export type { DiagnosisCode, DiagnosisFinding, FindingLevel } from './diagnosis/findings.js';
export {
  annotate,
  correlate,
  counter,
  gauge,
  getObservability,
  histogram,
  initObservability,
  logger,
  observedJob,
  observeJob,
  traced,
  withSpan,
} from './instance/entry.js';
export type { Observability, ObservabilityMetrics } from './instance/observability.js';
export type { ObservabilityOptions } from './instance/observability-options.js';
export type { Aggregator } from './instruments/metric-snapshot.js';
export type { JobOptions } from './jobs/job.js';
export type { JobFunction } from './jobs/jobs.js';
export type { ObservedJobDecorator } from './jobs/observed-job.js';
export type { Health, HealthCheck, HealthCheckOptions } from './lifecycle/health.js';
export type {
  Counter,
  CounterConfiguration,
  DeclareCounter,
  DeclareGauge,
  DeclareHistogram,
  Gauge,
  GaugeConfiguration,
  Histogram,
  HistogramConfiguration,
  LabelledCounter,
  LabelledGauge,
  LabelledHistogram,
  LabelValues,
  MetricConfiguration,
  ValueWithExemplar,
} from './metrics/metric-types.js';
export { type ErrorCode, ObservabilityError } from './model/errors.js';
export type { Identity, IdentityOption } from './model/identity.js';
export type { LogLevel } from './model/log-level.js';
export type * from './moved-to-plugin.js';
export type { FileDestination, LogDestination } from './options/log-options.js';
export type { MetricExporterName, MetricRegistry } from './options/metric-options.js';
export type { PropagatorName, SamplerName } from './options/trace-options.js';
export type { TracedDecorator } from './traces/traced.js';
export type { WithSpanOptions } from './traces/with-span.js';
