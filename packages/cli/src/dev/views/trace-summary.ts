import type { TraceSummary } from '../model/api.js';
import type { Span } from '../model/telemetry.js';
import type { StoredTrace } from '../store/trace-store.js';

interface Cached {
  readonly revision: number;
  readonly summary: TraceSummary;
}

const cache = new WeakMap<StoredTrace, Cached>();

/** A trace in one line. It is kept until the next span of the trace arrives. */
export function traceSummary(trace: StoredTrace): TraceSummary {
  const { revision } = trace;
  const known = cache.get(trace);
  if (known?.revision === revision) return known.summary;
  const summary = summarize(trace);
  cache.set(trace, { revision, summary });
  return summary;
}

function summarize({ traceId, spans }: StoredTrace): TraceSummary {
  let root: Span | undefined;
  let first: Span | undefined;
  let endMillis = 0;
  let errorCount = 0;
  const firstStart = new Map<string, number>();
  for (const span of spans.values()) {
    if (!first || span.startMillis < first.startMillis) first = span;
    if (span.parentSpanId === undefined && (!root || span.startMillis < root.startMillis)) root = span;
    endMillis = Math.max(endMillis, span.startMillis + span.durationMillis);
    if (span.isError) errorCount++;
    const { serviceName } = span.resource;
    firstStart.set(serviceName, Math.min(firstStart.get(serviceName) ?? span.startMillis, span.startMillis));
  }
  const named = root ?? first;
  const startMillis = first?.startMillis ?? 0;
  return {
    traceId,
    name: named?.name ?? '',
    serviceName: named?.resource.serviceName ?? '',
    // In the order in which they took part.
    serviceNames: [...firstStart].sort(([, a], [, b]) => a - b).map(([name]) => name),
    startMillis,
    durationMillis: root ? root.durationMillis : Math.max(0, endMillis - startMillis),
    spanCount: spans.size,
    errorCount,
    isRootMissing: root === undefined,
  };
}
