import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { LogRecord, Resource, Span } from '../model/telemetry.js';
import { fineBounds, type Interval, Intervals } from './intervals.js';
import type { Dot, Operation } from './operation-store.js';
import { type Limits, TelemetryStore } from './telemetry-store.js';

/*
 * A session as one file: JSON lines, of which the first names the format and each other one holds one thing. The file is
 * compressed by gzip when the page saves it.
 */

const format = 'throughline-session';
const formatVersion = 1;
/** Larger files are refused. */
const maxSessionBytes = 1024 * 1024 * 1024;

/** A file that is not a session. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

export interface OpenedSession {
  readonly store: TelemetryStore;
  readonly savedMillis: number;
}

/** The lines of the file, one after the other, so that a large session is never in memory twice. */
export function* sessionLines(store: TelemetryStore): Generator<string> {
  const line = (value: object) => `${JSON.stringify(value)}\n`;
  const { forgotten, operations } = store;
  const startedMillis = Math.min(store.startedMillis, operations.firstMillis);
  yield line({ format, formatVersion, startedMillis, savedMillis: store.nowMillis(), forgotten });
  const resources = new Map<Resource, number>();
  for (const { spans } of store.traces.all()) {
    for (const { resource, ...span } of spans.values()) {
      let index = resources.get(resource);
      if (index === undefined) {
        index = resources.size;
        resources.set(resource, index);
        yield line({ resource });
      }
      yield line({ span, of: index });
    }
  }
  for (const { lineNumber: _, ...record } of store.lines.all()) yield line({ record });
  for (const { bySpans, byMetrics, ...operation } of store.operations.all()) {
    yield line({
      operation,
      bySpans: savedIntervals(bySpans),
      byMetrics: byMetrics && savedIntervals(byMetrics),
    });
  }
}

interface SavedIntervals {
  /** Undefined for {@link fineBounds}. */
  readonly bounds: readonly number[] | undefined;
  readonly steps: readonly (readonly [number, Interval])[];
}

const savedIntervals = (intervals: Intervals): SavedIntervals => ({
  bounds: intervals.bounds === fineBounds ? undefined : intervals.bounds,
  steps: [...intervals.entries()],
});

function restoredIntervals({ bounds, steps }: SavedIntervals): Intervals {
  const intervals = new Intervals(bounds ?? fineBounds);
  for (const [step, interval] of steps) intervals.restore(step, interval);
  return intervals;
}

interface SavedLine {
  readonly resource?: Resource;
  readonly span?: Omit<Span, 'resource'>;
  readonly of?: number;
  readonly record?: LogRecord;
  readonly operation?: { readonly serviceName: string; readonly name: string; readonly dots: Dot[] };
  readonly bySpans?: SavedIntervals;
  readonly byMetrics?: SavedIntervals;
}

/**
 * Reads a saved session, compressed or not.
 *
 * @throws SessionError that names the line which is wrong
 */
export async function openSession(content: Buffer, limits: Limits): Promise<OpenedSession> {
  const text = await unpacked(content);
  const [first = '', ...lines] = text.split('\n');
  const header = parsed(first, 1) as {
    readonly [name in 'format' | 'formatVersion' | 'startedMillis' | 'savedMillis']?: unknown;
  } & { readonly forgotten?: { readonly spans?: unknown; readonly lines?: unknown } };
  if (header.format !== format)
    throw new SessionError('The file is not a session that was saved by this page.');
  if (header.formatVersion !== formatVersion) {
    throw new SessionError(
      `The session has format ${header.formatVersion}; this version reads ${formatVersion}.`,
    );
  }
  const savedMillis = Number(header.savedMillis);
  const store = new TelemetryStore(limits, Number(header.startedMillis), () => savedMillis);
  store.forgotten.spans = Number(header.forgotten?.spans ?? 0);
  store.forgotten.lines = Number(header.forgotten?.lines ?? 0);
  const resources: Resource[] = [];
  lines.forEach((line, index) => {
    if (line !== '') restore(store, resources, parsed(line, index + 2), index + 2);
  });
  return { store, savedMillis };
}

async function unpacked(content: Buffer): Promise<string> {
  const isGzip = content[0] === 0x1f && content[1] === 0x8b;
  try {
    const plain = isGzip ? await promisify(gunzip)(content, { maxOutputLength: maxSessionBytes }) : content;
    return plain.toString('utf8');
  } catch (cause) {
    throw new SessionError(`The file cannot be unpacked: ${(cause as Error).message}.`, { cause });
  }
}

function parsed(line: string, lineNumber: number): SavedLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as SavedLine;
  } catch {
    // Reported below.
  }
  throw new SessionError(`Line ${lineNumber} of the file is not a JSON object.`);
}

function restore(store: TelemetryStore, resources: Resource[], saved: SavedLine, lineNumber: number): void {
  const wrong = () => new SessionError(`Line ${lineNumber} of the file is not part of a session.`);
  const { resource, span, record, operation, bySpans, byMetrics } = saved;
  if (resource) {
    if (typeof resource.serviceName !== 'string' || !isObject(resource.attributes)) throw wrong();
    resources.push(resource);
  } else if (span) {
    const of = resources[saved.of ?? -1];
    if (!of || !isSpan(span)) throw wrong();
    store.traces.add({ ...span, resource: of }, span.startMillis);
  } else if (record) {
    if (typeof record.message !== 'string' || !isObject(record.attributes)) throw wrong();
    store.lines.add(record);
  } else if (operation && bySpans) {
    if (!Array.isArray(operation.dots) || !isIntervals(bySpans)) throw wrong();
    if (byMetrics && !isIntervals(byMetrics)) throw wrong();
    const restored: Operation = {
      ...operation,
      bySpans: restoredIntervals(bySpans),
      byMetrics: byMetrics && restoredIntervals(byMetrics),
    };
    store.operations.restore(restored);
  } else throw wrong();
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const isIntervals = ({ bounds, steps }: SavedIntervals): boolean =>
  (bounds === undefined || Array.isArray(bounds)) &&
  Array.isArray(steps) &&
  steps.every(
    ([step, interval]) =>
      typeof step === 'number' &&
      typeof interval?.count === 'number' &&
      typeof interval.errors === 'number' &&
      Array.isArray(interval.counts),
  );

const isSpan = (span: Omit<Span, 'resource'>): boolean =>
  typeof span.traceId === 'string' &&
  typeof span.spanId === 'string' &&
  typeof span.name === 'string' &&
  typeof span.startMillis === 'number' &&
  typeof span.durationMillis === 'number' &&
  isObject(span.attributes) &&
  Array.isArray(span.events) &&
  Array.isArray(span.links);
