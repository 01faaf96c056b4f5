import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { initIn } from '../instance/entry.js';
import type { Observability } from '../instance/observability.js';
import type { ObservabilityOptions } from '../instance/observability-options.js';
import type { Environment } from '../model/environment.js';

/** Options of the captured instance. By default nothing is exported and no port is opened. */
export type CaptureOptions = ObservabilityOptions & {
  /** Environment variables that the instance reads, instead of those of the process. Default: none. */
  readonly env?: Environment;
};

/** What a service under test has recorded. All of it is in memory. */
export interface CapturedObservability {
  /** The instance that is captured; the same as `initObservability` returns. */
  readonly observability: Observability;
  /** Finished spans, oldest first. */
  readonly spans: readonly ReadableSpan[];
  /** Log lines, parsed. */
  readonly logLines: readonly LogLine[];
  /** The response to a scrape, as OpenMetrics text (with exemplars). */
  metrics(): Promise<string>;
  /** Waits until a finished span satisfies the condition; rejects after `timeoutMillis` (default 5,000). */
  waitForSpan(
    matches: (span: ReadableSpan) => boolean,
    options?: { readonly timeoutMillis?: number },
  ): Promise<ReadableSpan>;
  /** Removes all captured spans and log lines. Metrics keep their values. */
  reset(): void;
  /** Shuts observability down, so that the next test can start its own. */
  stop(): Promise<void>;
}

/** One JSON log line. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly timestamp: string;
  readonly level: string;
  readonly message: string;
  readonly trace_id?: string;
  readonly span_id?: string;
};

/**
 * Starts observability for a test. Spans and log lines stay in memory. No endpoint listens, nothing is read
 * from the environment, and nothing is sent.
 *
 * @example
 * const captured = captureObservability({ plugins: [expressPlugin()] });
 * await fetch(`http://localhost:${port}/orders/7`);
 * const span = await captured.waitForSpan((span) => span.name === 'GET /orders/:id');
 * await captured.stop();
 */
export function captureObservability(options: CaptureOptions = {}): CapturedObservability {
  const { env = {}, ...given } = options;
  const spans: ReadableSpan[] = [];
  const logLines: LogLine[] = [];
  const waiting = new Set<() => void>();

  // Exported at once: a test must not wait for a batch.
  const exporter: SpanExporter = {
    export(batch: ReadableSpan[], done: (result: ExportResult) => void) {
      spans.push(...batch);
      for (const look of [...waiting]) look();
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: async () => {},
  };
  const observability = initIn(
    { environment: env, servicePackage: {}, writeLine: (line) => logLines.push(JSON.parse(line)) },
    {
      ...given,
      traces: { exporter, batch: { scheduledDelayMillis: 0 }, ...given.traces },
      // Test files that run in threads of one process must not count each other's requests.
      metrics: { endpoint: false, runtime: false, cluster: false, ...given.metrics },
      logs: { level: 'silly', ...given.logs, format: 'json' },
      shutdown: { handleSignals: false, ...given.shutdown },
    },
  );

  return {
    observability,
    spans,
    logLines,
    metrics: async () => (await observability.metrics.render('application/openmetrics-text')).body,
    waitForSpan(matches, { timeoutMillis = 5_000 } = {}) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const span = spans.find(matches);
          if (!span) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(span);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          const names = spans.map((span) => span.name).join(', ') || 'none';
          reject(new Error(`No such span within ${timeoutMillis} ms; finished spans: ${names}`));
        }, timeoutMillis);
        waiting.add(look);
        look();
      });
    },
    reset() {
      spans.length = 0;
      logLines.length = 0;
    },
    stop: () => observability.shutdown(),
  };
}
