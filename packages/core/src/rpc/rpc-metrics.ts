import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../instruments/duration-buckets.js';
import { createHistogram, type MetricSettings } from '../instruments/instruments.js';
import { once } from '../timing/once.js';

/** One call that is over; label values are final. */
export interface RpcMeasurement {
  readonly system: 'grpc' | 'aws-api';
  readonly method: string;
  readonly statusCode: string | undefined;
  readonly errorType: string | undefined;
  readonly durationSeconds: number;
  readonly span: Span;
}

export interface RpcMetrics {
  server(call: RpcMeasurement): void;
  client(
    call: RpcMeasurement & {
      readonly serverAddress: string | undefined;
      readonly serverPort: number | undefined;
    },
  ): void;
}

/**
 * `rpc_server_call_duration_seconds` and `rpc_client_call_duration_seconds`, registered with the first call.
 * https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
 */
export function createRpcMetrics(registry: Registry, settings: MetricSettings): RpcMetrics {
  const labelNames = ['rpc_system_name', 'rpc_method', 'rpc_response_status_code', 'error_type'];
  const recordServer = once(() =>
    createHistogram(registry, settings, {
      name: 'rpc_server_call_duration_seconds',
      help: 'Duration of the calls that the service has answered.',
      labelNames,
      buckets: durationBuckets,
    }),
  );
  const recordClient = once(() =>
    createHistogram(registry, settings, {
      name: 'rpc_client_call_duration_seconds',
      help: 'Duration of the calls that the service has made.',
      labelNames: [...labelNames, 'server_address', 'server_port'],
      buckets: durationBuckets,
    }),
  );
  return {
    server: ({ system, method, statusCode, errorType, durationSeconds, span }) =>
      recordServer()(durationSeconds, span, system, method, statusCode, errorType),
    client: (call) =>
      recordClient()(
        call.durationSeconds,
        call.span,
        call.system,
        call.method,
        call.statusCode,
        call.errorType,
        call.serverAddress,
        call.serverPort,
      ),
  };
}
