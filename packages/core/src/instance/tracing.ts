import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import type { Logger } from 'winston';
import { type ExportReporter, exportReporter, observeBoth, reportingEnd } from '../export/export-reporter.js';
import type { OtlpPipeline } from '../export/otlp-pipeline.js';
import { createTracerPipeline } from '../export/providers.js';
import { type OutgoingHeaders, outgoingHeaders } from '../http/outgoing-headers.js';
import { createLegacyBridge, type LegacyBridge } from '../legacy/legacy-bridge.js';
import type { MetricPipeline } from '../metrics/metric-pipeline.js';
import type { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { createPropagator } from '../traces/propagation.js';
import { samplerThatTells } from '../traces/sampler.js';
import { createSampling, type Sampling } from '../traces/sampling.js';

export interface TracingParts {
  readonly options: ResolvedOptions;
  readonly identity: Identity;
  readonly metrics: MetricPipeline;
  readonly logger: Logger;
  /** Told when a span begins: a request or message has come. */
  readonly onWork: () => void;
  /** Told of every trace in which a span failed. */
  readonly traceFailed: ((traceId: string) => void) | undefined;
  readonly report: (error: ObservabilityError) => void;
}

export interface Tracing {
  /** What spans leave through. */
  readonly pipeline: OtlpPipeline<TracerProvider> & Pick<ExportReporter, 'hasFailed' | 'sayLoss'>;
  readonly sampling: Sampling;
  readonly propagator: TextMapPropagator;
  /** The bridge from hand-made headers, around the propagation. */
  readonly legacy: LegacyBridge | undefined;
  /** Which outgoing calls carry trace headers; undefined if all of them do. */
  readonly carrying: OutgoingHeaders | undefined;
}

/** Spans, from the sampler to the export, and the headers by which their traces travel. */
export function startTracing({
  options,
  identity,
  metrics,
  logger,
  onWork,
  traceFailed,
  report,
}: TracingParts): Tracing {
  const { traces, http, legacyTraceHeader } = options;
  const legacy = createLegacyBridge(legacyTraceHeader, metrics.registry, logger);
  const sampling = createSampling(traces, metrics.sdkHealth.heldTraces, report);
  const destination = typeof traces.exporter === 'object' ? 'the exporter of the service' : traces.endpoint;
  const reporter = exportReporter({ what: 'spans', target: destination, report });
  const pipeline = createTracerPipeline(
    traces,
    identity,
    samplerThatTells(sampling.sampler, onWork),
    observeBoth(metrics.sdkHealth.observerFor('traces'), reporter),
    { roots: legacy?.roots, failed: traceFailed, tail: sampling.tail },
  );
  const configured = createPropagator(traces.propagators);
  const bridged = legacy?.wrap(configured) ?? configured;
  const carrying = outgoingHeaders(http.propagateTo);
  return {
    pipeline: reportingEnd(pipeline, reporter),
    sampling,
    propagator: carrying?.wrap(bridged) ?? bridged,
    legacy,
    carrying,
  };
}
