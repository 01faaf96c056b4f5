import type { Span } from '../model/telemetry.js';
import { spanSizeBytes } from './size-bytes.js';

/** The spans of one trace that have arrived. */
export interface StoredTrace {
  readonly traceId: string;
  readonly spans: ReadonlyMap<string, Span>;
  /** When its first span arrived, in milliseconds since 1970. */
  readonly arrivedMillis: number;
  /** Grows with each span. */
  readonly revision: number;
}

interface Trace extends StoredTrace {
  readonly spans: Map<string, Span>;
  sizeBytes: number;
  revision: number;
}

/** Traces in memory, the oldest first. */
export class TraceStore {
  private readonly traces = new Map<string, Trace>();
  spanCount = 0;
  sizeBytes = 0;

  /** Adds a span. A span that arrives again, for example because an exporter retried, replaces the earlier one. */
  add(span: Span, arrivedMillis: number): void {
    let trace = this.traces.get(span.traceId);
    if (!trace) {
      trace = { traceId: span.traceId, spans: new Map(), arrivedMillis, revision: 0, sizeBytes: 0 };
      this.traces.set(span.traceId, trace);
    }
    const before = trace.spans.get(span.spanId);
    const added = spanSizeBytes(span) - (before ? spanSizeBytes(before) : 0);
    trace.spans.set(span.spanId, span);
    trace.revision++;
    trace.sizeBytes += added;
    this.sizeBytes += added;
    if (!before) this.spanCount++;
  }

  /** Forgets the oldest trace; the last one loses its oldest spans instead. Returns how many spans are gone. */
  forgetOldest(): number {
    const [oldest] = this.traces.values();
    if (!oldest) return 0;
    if (this.traces.size > 1) {
      this.traces.delete(oldest.traceId);
      this.spanCount -= oldest.spans.size;
      this.sizeBytes -= oldest.sizeBytes;
      return oldest.spans.size;
    }
    const [span] = oldest.spans.values();
    if (!span) return 0;
    oldest.spans.delete(span.spanId);
    oldest.revision++;
    const sizeBytes = spanSizeBytes(span);
    oldest.sizeBytes -= sizeBytes;
    this.sizeBytes -= sizeBytes;
    this.spanCount--;
    return 1;
  }

  get(traceId: string): StoredTrace | undefined {
    return this.traces.get(traceId);
  }

  get traceCount(): number {
    return this.traces.size;
  }

  /** From the oldest to the newest. */
  all(): IterableIterator<StoredTrace> {
    return this.traces.values();
  }

  /** From the newest to the oldest. */
  newestFirst(): StoredTrace[] {
    return [...this.traces.values()].reverse();
  }
}
