import { textAttribute } from '../intake/attributes.js';
import type { SpanAnswer, TraceAnswer, TraceRow } from '../model/api.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import type { StoredTrace } from '../store/trace-store.js';
import { criticalPath } from './critical-path.js';
import { errorOf, targetOf } from './span-facts.js';
import { spanTree, type TreeSpan } from './span-tree.js';
import { traceSummary } from './trace-summary.js';

const maxErrors = 50;
/** Fewer milliseconds of shift are not worth a word. */
const notableShiftMillis = 2;

interface Arranged {
  readonly revision: number;
  readonly ordered: readonly TreeSpan[];
  readonly startMillis: number;
  readonly endMillis: number;
  readonly critical: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  readonly errors: TraceAnswer['errors'];
  readonly shifts: TraceAnswer['shifts'];
}

/** A page of a large trace must not arrange all of it again. */
const cache = new WeakMap<StoredTrace, Arranged>();

function arranged(trace: StoredTrace): Arranged {
  const known = cache.get(trace);
  if (known?.revision === trace.revision) return known;
  const ordered = spanTree(trace.spans.values());
  let [startMillis, endMillis] = [Number.POSITIVE_INFINITY, 0];
  const shifts = new Map<string, number>();
  const errors: TraceAnswer['errors'][number][] = [];
  ordered.forEach((tree, row) => {
    const { span } = tree;
    startMillis = Math.min(startMillis, tree.startMillis);
    endMillis = Math.max(endMillis, tree.startMillis + span.durationMillis);
    const { serviceName } = span.resource;
    if (Math.abs(tree.shiftMillis) >= notableShiftMillis && !shifts.has(serviceName)) {
      shifts.set(serviceName, tree.shiftMillis);
    }
    if (span.isError && errors.length < maxErrors) errors.push({ spanId: span.spanId, name: span.name, row });
  });
  const critical = new Map<string, [number, number][]>();
  const root = ordered.find(({ isParentMissing }) => !isParentMissing) ?? ordered[0];
  for (const part of root ? criticalPath(root) : []) {
    const { spanId } = part.tree.span;
    const parts = critical.get(spanId) ?? [];
    critical.set(spanId, parts);
    parts.push([part.startMillis - startMillis, part.endMillis - startMillis]);
  }
  const result: Arranged = {
    ...{ revision: trace.revision, ordered, startMillis, endMillis, critical, errors },
    shifts: [...shifts].map(([serviceName, shiftMillis]) => ({ serviceName, shiftMillis })),
  };
  cache.set(trace, result);
  return result;
}

/** A trace as a waterfall: some of its rows, and what is true of the whole. */
export function traceView(
  store: TelemetryStore,
  trace: StoredTrace,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): TraceAnswer {
  const { ordered, startMillis, endMillis, critical, errors, shifts } = arranged(trace);
  const [lineCounts, lineCount] = linesBySpan(store, trace.traceId);
  const row = (tree: TreeSpan): TraceRow => {
    const { span } = tree;
    return {
      ...{ spanId: span.spanId, name: span.name, kind: span.kind, serviceName: span.resource.serviceName },
      ...{
        depth: tree.depth,
        startMillis: tree.startMillis - startMillis,
        durationMillis: span.durationMillis,
      },
      ...{ isError: span.isError, error: errorOf(span), target: targetOf(span) },
      critical: critical.get(span.spanId) ?? [],
      isParentMissing: tree.isParentMissing,
      lineCount: lineCounts.get(span.spanId) ?? 0,
      shiftMillis: tree.shiftMillis,
    };
  };
  return {
    ...traceSummary(trace),
    // As it is drawn: with corrected clocks, and to the end of what went on after the root.
    startMillis,
    durationMillis: endMillis - startMillis,
    rowCount: ordered.length,
    offset,
    rows: ordered.slice(offset, offset + limit).map(row),
    errors,
    legacyTraceId: legacyTraceIdOf(ordered),
    lineCount,
    shifts,
  };
}

function legacyTraceIdOf(ordered: readonly TreeSpan[]): string | undefined {
  for (const { span } of ordered) {
    const value = textAttribute(span.attributes, 'legacy_trace_id');
    if (value !== undefined) return value;
  }
  return undefined;
}

function linesBySpan(store: TelemetryStore, traceId: string): [Map<string, number>, number] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of store.lines.newestFirst()) {
    if (line.traceId !== traceId) continue;
    total++;
    if (line.spanId !== undefined) counts.set(line.spanId, (counts.get(line.spanId) ?? 0) + 1);
  }
  return [counts, total];
}

/** The place of a span among the rows of its trace; undefined if it is not there. */
export function rowOfSpan(trace: StoredTrace, spanId: string): number | undefined {
  const row = arranged(trace).ordered.findIndex(({ span }) => span.spanId === spanId);
  return row < 0 ? undefined : row;
}

/** All that is known of a span. */
export function spanView(trace: StoredTrace, spanId: string): SpanAnswer | undefined {
  const span = trace.spans.get(spanId);
  if (!span) return undefined;
  const { resource, ...rest } = span;
  return { ...rest, serviceName: resource.serviceName, resourceAttributes: resource.attributes };
}
