import type { Received } from '../intake/otlp-request.js';
import type { HistogramPoint, LogRecord, Span } from '../model/telemetry.js';
import { LineStore } from './line-store.js';
import { OperationStore } from './operation-store.js';
import { TraceStore } from './trace-store.js';

/** How much is kept. */
export interface Limits {
  readonly spans: number;
  readonly lines: number;
  /** Of spans and lines together, as estimated. */
  readonly sizeBytes: number;
}

export const defaultLimits: Limits = { spans: 200_000, lines: 100_000, sizeBytes: 256 * 1024 * 1024 };

/** Telemetry in memory, within limits. What no longer fits is forgotten, the oldest first, and counted. */
export class TelemetryStore {
  readonly traces = new TraceStore();
  readonly lines = new LineStore();
  readonly operations: OperationStore;
  readonly forgotten = { spans: 0, lines: 0 };
  readonly receivedCounts = { spans: 0, lines: 0, histograms: 0 };
  /** Grow with each change of the kind. */
  readonly revisions = { traces: 0, lines: 0, operations: 0 };

  constructor(
    readonly limits: Limits = defaultLimits,
    readonly startedMillis = Date.now(),
    /** The end of the time that the overview shows: now, or when a session was saved. */
    readonly nowMillis: () => number = Date.now,
  ) {
    this.operations = new OperationStore(startedMillis);
  }

  add({ spans, logs, histograms }: Pick<Received, 'spans' | 'logs' | 'histograms'>): void {
    const nowMillis = Date.now();
    for (const span of spans) this.addSpan(span, nowMillis);
    for (const record of logs) this.addLine(record);
    for (const point of histograms) this.addHistogram(point, false);
  }

  addSpan(span: Span, arrivedMillis: number): void {
    this.receivedCounts.spans++;
    this.traces.add(span, arrivedMillis);
    this.operations.addSpan(span);
    this.revisions.traces++;
    this.revisions.operations++;
    this.keepWithinLimits();
  }

  addLine(record: LogRecord): void {
    this.receivedCounts.lines++;
    if (!this.lines.add(record)) return;
    this.revisions.lines++;
    this.keepWithinLimits();
  }

  addHistogram(point: HistogramPoint, sinceStart: boolean): void {
    this.receivedCounts.histograms++;
    this.operations.addHistogram(point, sinceStart);
    this.revisions.operations++;
  }

  /** How much of a window until now has been observed, in seconds: rates of the first minutes are not too low. */
  observedSeconds(windowMillis: number): number {
    const sinceMillis = Math.min(this.startedMillis, this.operations.firstMillis);
    return Math.max(1_000, Math.min(windowMillis, this.nowMillis() - sinceMillis)) / 1_000;
  }

  get sizeBytes(): number {
    return this.traces.sizeBytes + this.lines.sizeBytes;
  }

  private keepWithinLimits(): void {
    const { traces, lines, limits, forgotten } = this;
    while (traces.spanCount > limits.spans) forgotten.spans += traces.forgetOldest();
    while (lines.count > limits.lines) forgotten.lines += lines.forgetOldest();
    while (this.sizeBytes > limits.sizeBytes) {
      if (traces.sizeBytes > lines.sizeBytes) forgotten.spans += traces.forgetOldest();
      else forgotten.lines += lines.forgetOldest();
    }
  }
}
