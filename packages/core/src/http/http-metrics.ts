import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../instruments/duration-buckets.js';
import {
  createBindableHistogram,
  createGauge,
  createHistogram,
  type MetricSettings,
} from '../instruments/instruments.js';
import type { ClientMetrics } from './client-measurement.js';
import type { ServerCallMeasurement } from './grpc-request.js';
import type { ServerRequestRecorder } from './server-request.js';

/** Records a call of gRPC that this service has answered. */
export type RecordServerCall = (
  call: ServerCallMeasurement & { readonly durationSeconds: number; readonly span: Span },
) => void;

export interface HttpMetrics {
  readonly server: ServerRequestRecorder;
  readonly client: ClientMetrics;
}

/**
 * `http_server_request_duration_seconds`, `http_server_active_requests` and
 * `http_client_request_duration_seconds`, named after the OpenTelemetry semantic conventions as Prometheus
 * translates them. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
export function createHttpMetrics(
  registry: Registry,
  settings: MetricSettings,
  recordCall: RecordServerCall,
): HttpMetrics {
  const recordServer = createHistogram(registry, settings, {
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code', 'error_type'],
    buckets: durationBuckets,
  });
  const client = createBindableHistogram(registry, settings, {
    name: 'http_client_request_duration_seconds',
    help: 'Duration of HTTP client requests.',
    labelNames: [
      'http_request_method',
      'server_address',
      'server_port',
      'http_response_status_code',
      'error_type',
    ],
    buckets: durationBuckets,
  });
  const activeByMethod: Record<string, number> = {};
  createGauge(registry, settings, {
    name: 'http_server_active_requests',
    help: 'Number of HTTP server requests in progress.',
    labelNames: ['http_request_method'],
    collect(gauge) {
      for (const [method, active] of Object.entries(activeByMethod)) {
        gauge.set({ http_request_method: method }, active);
      }
    },
  });

  return {
    server: {
      started(method) {
        activeByMethod[method] = (activeByMethod[method] ?? 0) + 1;
      },
      ended({ method, route, statusCode, errorType, durationSeconds, span }) {
        activeByMethod[method] = (activeByMethod[method] ?? 1) - 1;
        recordServer(durationSeconds, span, method, route, statusCode, errorType);
      },
      callEnded(method, call) {
        activeByMethod[method] = (activeByMethod[method] ?? 1) - 1;
        recordCall(call);
      },
    },
    client: {
      record({ method, serverAddress, serverPort, statusCode, errorType, durationSeconds, span }) {
        client.record(durationSeconds, span, method, serverAddress, serverPort, statusCode, errorType);
      },
      ofSucceeded: ({ method, serverAddress, serverPort, statusCode }) =>
        client.bind(method, serverAddress, serverPort, statusCode),
    },
  };
}
