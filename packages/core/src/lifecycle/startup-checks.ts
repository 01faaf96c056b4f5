import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';

/** Reports OpenTelemetry settings that Throughline does not support, instead of ignoring them silently. */
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
