import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { RecordedResource } from '../recorder/otlp/trace-request.js';
import { ChunkQueue } from '../recorder/queue/chunk-queue.js';
import { createHttpTransport } from '../recorder/transport/http-transport.js';
import type { ExportObserver } from './counted-queue.js';
import { exportConnections } from './export-connections.js';
import { LogRequestWriter, type OtlpLogRecord } from './log-request.js';
import { type OtlpPipeline, postRequest } from './otlp-pipeline.js';
import { outsideOfRequests } from './outside-of-requests.js';

/** What takes log records on their way to an OTLP intake. */
export interface LogSink {
  emit(record: OtlpLogRecord): void;
}

/** Log records to an OTLP intake, as JSON, bounded in number and in bytes. */
export function queueLogs(
  options: ResolvedOptions['logs'],
  resource: RecordedResource,
  observer: ExportObserver,
): OtlpPipeline<LogSink> {
  const connections = exportConnections(options);
  const transport = createHttpTransport({
    ...options,
    contentType: 'application/json',
    createAgent: connections.createAgent,
    userAgent: `throughline/${version}`,
  });
  const request = new LogRequestWriter(resource, { name: '@throughline/core', version });
  const queue = new ChunkQueue<undefined, OtlpLogRecord>(
    request,
    transport,
    { ...options.batch, outside: outsideOfRequests(), join: request.join },
    observer,
  );
  return {
    provider: { emit: (record) => queue.add(undefined, record) },
    flush: () => queue.flush(),
    async stop() {
      const flushed = queue.flush();
      queue.close();
      await flushed;
    },
    hurry: (longestMillis) => transport.hurry(longestMillis),
    abandon() {
      transport.abandon();
      connections.cut();
    },
    takeForEnd() {
      const chunk = queue.takeAll();
      return postRequest(options, connections.tls, chunk?.body, 'application/json');
    },
  };
}
