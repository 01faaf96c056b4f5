import { traceIdOf } from '@throughline/core/internal';
import { textAttribute } from '../intake/attributes.js';
import type { LineAnswer, LinesAnswer, SearchAnswer, TraceSummary } from '../model/api.js';
import { type LogLevel, logLevels } from '../model/telemetry.js';
import type { StoredLine } from '../store/line-store.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import { matchesLine, matchesSpan, parseTextQuery } from './text-query.js';
import { traceSummary } from './trace-summary.js';

export interface TraceFilter {
  readonly text?: string | undefined;
  readonly serviceName?: string | undefined;
  /** With a service: the operation that the trace went through, as the overview names it. */
  readonly operation?: string | undefined;
  readonly onlyErrors?: boolean | undefined;
  readonly limit: number;
}

/** Traces of which a span fits, the newest first. */
export function findTraces(
  store: TelemetryStore,
  filter: TraceFilter,
  isOfOperation: (span: Parameters<typeof matchesSpan>[0]) => boolean = () => true,
): TraceSummary[] {
  const query = filter.text ? parseTextQuery(filter.text) : undefined;
  const found: TraceSummary[] = [];
  for (const trace of store.traces.newestFirst()) {
    if (found.length >= filter.limit) break;
    const summary = traceSummary(trace);
    if (filter.onlyErrors && summary.errorCount === 0) continue;
    if (filter.serviceName !== undefined && !summary.serviceNames.includes(filter.serviceName)) continue;
    if (query || filter.operation !== undefined) {
      let fits = false;
      for (const span of trace.spans.values()) {
        if ((!query || matchesSpan(span, query)) && isOfOperation(span)) {
          fits = true;
          break;
        }
      }
      if (!fits) continue;
    }
    found.push(summary);
  }
  return found;
}

export interface LineFilter {
  readonly text?: string | undefined;
  readonly serviceName?: string | undefined;
  /** The least severe level. Lines without a level count as `info`. */
  readonly level?: LogLevel | undefined;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** Only older lines than this one, for the next page. */
  readonly beforeLine?: number | undefined;
  readonly limit: number;
}

/** Log lines that fit, the newest first. */
export function findLines(store: TelemetryStore, filter: LineFilter): LinesAnswer {
  const query = filter.text ? parseTextQuery(filter.text) : undefined;
  const leastLevel = filter.level === undefined ? -1 : logLevels.indexOf(filter.level);
  const lines: LineAnswer[] = [];
  let nextBefore: number | undefined;
  for (const line of store.lines.newestFirst()) {
    if (filter.beforeLine !== undefined && line.lineNumber >= filter.beforeLine) continue;
    if (filter.traceId !== undefined && line.traceId !== filter.traceId) continue;
    if (filter.spanId !== undefined && line.spanId !== filter.spanId) continue;
    if (filter.serviceName !== undefined && line.serviceName !== filter.serviceName) continue;
    if (leastLevel >= 0 && logLevels.indexOf(line.level ?? 'info') < leastLevel) continue;
    if (query && !matchesLine(line, query)) continue;
    if (lines.length >= filter.limit) {
      nextBefore = line.lineNumber + 1;
      break;
    }
    lines.push(lineAnswer(store, line));
  }
  const serviceNames = new Set<string>();
  for (const { serviceName } of store.lines.newestFirst()) serviceNames.add(serviceName);
  // Lines of several services arrive in batches.
  lines.sort((a, b) => b.timeMillis - a.timeMillis || b.lineNumber - a.lineNumber);
  return { lines, nextBefore, serviceNames: [...serviceNames].sort() };
}

const lineAnswer = (store: TelemetryStore, line: StoredLine): LineAnswer => ({
  ...line,
  isTraceStored: line.traceId !== undefined && store.traces.get(line.traceId) !== undefined,
});

const oldHeaders = ['x-trace-id', 'x-b3-traceid', 'x-amzn-trace-id', 'x-cloud-trace-context'];
const headersWithFormat = ['sentry-trace', 'x-datadog-trace-id'];
const mostFound = 50;

/** What a text may mean: a trace id or its beginning, an old trace id, an operation, or text in spans and log lines. */
export function search(store: TelemetryStore, given: string): SearchAnswer {
  const text = given.trim();
  if (text === '') return { traces: [], operations: [], lines: [] };
  const traces = new Map<string, TraceSummary>();
  const add = (traceId: string | undefined) => {
    const trace = traceId === undefined ? undefined : store.traces.get(traceId);
    if (trace && traces.size < mostFound) traces.set(trace.traceId, traceSummary(trace));
  };
  // Every form of an id leads to the trace id that a service derives from it: docs/moving-over.md.
  for (const header of [...oldHeaders, ...headersWithFormat]) add(traceIdOf(header, text));
  const prefix = text.toLowerCase();
  const isPrefix = /^[0-9a-f]{6,31}$/.test(prefix);
  for (const trace of store.traces.newestFirst()) {
    if (isPrefix && trace.traceId.startsWith(prefix)) add(trace.traceId);
    for (const { attributes } of trace.spans.values()) {
      if (textAttribute(attributes, 'legacy_trace_id') === text) add(trace.traceId);
    }
  }
  const { lines } = findLines(store, { text, limit: mostFound });
  for (const { traceId } of lines) add(traceId);
  for (const { traceId } of findTraces(store, { text, limit: mostFound })) add(traceId);
  const word = text.toLowerCase();
  const operations = [...store.operations.all()]
    .filter(({ name, serviceName }) => `${serviceName} ${name}`.toLowerCase().includes(word))
    .slice(0, mostFound)
    .map(({ name, serviceName }) => ({ serviceName, operation: name }));
  return { traces: [...traces.values()], operations, lines };
}
