import type { Logger } from 'winston';
import { sdkLineMark } from '../logs/log-record.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { ServedAt } from './endpoint-server.js';

/** Logs one line when the endpoint listens: that Throughline is on, and where the telemetry is sent. */
export async function sayStarted(
  logger: Logger,
  options: ResolvedOptions,
  plugins: readonly string[],
  endpoint: Promise<ServedAt | undefined>,
): Promise<void> {
  const port = (await endpoint)?.port;
  if (!options.logs.startLine) return;
  logger.info('Throughline is on.', {
    'throughline.version': version,
    plugins,
    traces: describeTraces(options),
    ...(port === undefined ? {} : { metrics_port: port }),
    [sdkLineMark]: true,
  });
}

/** Where spans go, in a few words. */
function describeTraces({ traces }: ResolvedOptions): string {
  if (traces.exporter === 'otlp') {
    return traces.protocol === 'grpc' ? `${traces.endpoint} (gRPC)` : traces.endpoint;
  }
  return typeof traces.exporter === 'string' ? traces.exporter : 'own exporter';
}
