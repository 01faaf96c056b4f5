import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';

/** Settings that OpenTelemetry knows and Throughline cannot follow are said, not ignored in silence. */
export function checkProtocol(environment: Environment): ObservabilityError[] {
  const asked = [
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
  ].filter((name) => environment[name]?.trim() === 'grpc');
  return asked.map(
    (name) => new ObservabilityError('OBS_PROTOCOL_UNSUPPORTED', `${name}=grpc is not available.`),
  );
}

/** Where spans go, in a few words for the line at start. */
export function describeTraces({ traces }: ResolvedOptions): string {
  if (traces.exporter === 'otlp') return traces.endpoint;
  return typeof traces.exporter === 'string' ? traces.exporter : 'own exporter';
}
