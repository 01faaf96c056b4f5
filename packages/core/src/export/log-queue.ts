import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { RecordedResource } from '../recorder/otlp/trace-request.js';
import { ChunkQueue } from '../recorder/queue/chunk-queue.js';
import type { ExportObserver } from './counted-queue.js';
import { JsonLogRequestWriter } from './json-log-request.js';
import { LogRequestWriter, type OtlpLogRecord } from './log-request.js';
import { otlpIntake } from './otlp-intake.js';
import type { OtlpPipeline } from './otlp-pipeline.js';
import { outsideOfRequests } from './outside-of-requests.js';

/** What takes log records on their way to an OTLP intake. */
export interface LogSink {
  emit(record: OtlpLogRecord): void;
}

/** Log records to an OTLP intake, bounded in number and in bytes. */
export function queueLogs(
  options: ResolvedOptions['logs'],
  resource: RecordedResource,
  observer: ExportObserver,
): OtlpPipeline<LogSink> {
  const intake = otlpIntake('logs', options);
  const scope = { name: '@throughline/core', version };
  const isJson = options.protocol === 'http/json';
  const request = isJson ? new JsonLogRequestWriter(resource, scope) : new LogRequestWriter(resource, scope);
  const queue = new ChunkQueue<undefined, OtlpLogRecord>(
    request,
    intake,
    {
      ...options.batch,
      maxChunkBytes: options.batch.maxExportBatchBytes,
      outside: outsideOfRequests(),
      ...(request instanceof JsonLogRequestWriter ? { join: request.join } : {}),
    },
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
    hurry: (longestMillis) => intake.hurry(longestMillis),
    abandon: () => intake.abandon(),
    takeForEnd: () => intake.requestAtEnd(queue.takeAll()?.body),
  };
}
