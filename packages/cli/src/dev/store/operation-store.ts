import type { HistogramPoint, Span } from '../model/telemetry.js';
import { fineBounds, Intervals, stepMillis } from './intervals.js';
import { isErrorSeries, type OperationName, operationOfHistogram, operationOfSpan } from './operation.js';

/** A request to point at in a chart. */
export interface Dot {
  readonly traceId: string;
  readonly spanId: string | undefined;
  readonly timeMillis: number;
  readonly durationMillis: number;
  readonly isError: boolean;
  /** Whether a bucket of the metric names this trace; otherwise it is one of the spans. */
  readonly isExemplar: boolean;
}

export interface Operation extends OperationName {
  readonly bySpans: Intervals;
  /** From the service's own histogram, which counts unsampled requests too; undefined if it has none. */
  byMetrics: Intervals | undefined;
  readonly dots: Dot[];
}

const maxOperations = 500;
const maxSeries = 20_000;
const maxDots = 600;
const maxDotsPerStep = 3;

/** The operations of all services, with what they did over the last quarter of an hour. */
export class OperationStore {
  private readonly operations = new Map<string, Operation>();
  /** The last counts of each series, because histograms count since the start of the service. */
  private readonly lastCounts = new Map<string, readonly number[]>();
  /** Operations and series beyond the limits. */
  overflowCount = 0;
  /** When the first span began that was counted. */
  firstMillis = Number.POSITIVE_INFINITY;

  constructor(private readonly startedMillis: number) {}

  addSpan(span: Span): void {
    const name = operationOfSpan(span);
    const operation = name && this.operation(name);
    if (!operation) return;
    const endMillis = span.startMillis + span.durationMillis;
    this.firstMillis = Math.min(this.firstMillis, span.startMillis);
    operation.bySpans.add(endMillis, span.durationMillis, span.isError);
    if (!operation.byMetrics) addSpanDot(operation.dots, span, endMillis);
  }

  /** @param sinceStart whether the series is counted from 0, because its service was started after this store */
  addHistogram(point: HistogramPoint, sinceStart: boolean): void {
    const name = operationOfHistogram(point);
    const operation = name && this.operation(name);
    if (!name || !operation) return;
    const bounds = point.bounds.map((bound) => bound * name.millisPerUnit);
    const isError = isErrorSeries(point);
    operation.byMetrics ??= new Intervals(bounds.length > 64 ? fineBounds : bounds);
    operation.byMetrics.addBuckets(point.timeMillis, bounds, this.growth(point, sinceStart), isError);
    for (const { traceId, spanId, value, timeMillis } of point.exemplars) {
      addDot(operation.dots, {
        ...{ traceId, spanId, isError, isExemplar: true },
        timeMillis: timeMillis ?? point.timeMillis,
        durationMillis: value * name.millisPerUnit,
      });
    }
  }

  all(): IterableIterator<Operation> {
    return this.operations.values();
  }

  get({ serviceName, name }: OperationName): Operation | undefined {
    return this.operations.get(`${serviceName}\n${name}`);
  }

  /** Puts back an operation of a saved session. */
  restore(operation: Operation): void {
    this.operations.set(`${operation.serviceName}\n${operation.name}`, operation);
  }

  private operation({ serviceName, name }: OperationName): Operation | undefined {
    const key = `${serviceName}\n${name}`;
    let operation = this.operations.get(key);
    if (!operation) {
      if (this.operations.size >= maxOperations) {
        this.overflowCount++;
        return undefined;
      }
      operation = { serviceName, name, bySpans: new Intervals(fineBounds), byMetrics: undefined, dots: [] };
      this.operations.set(key, operation);
    }
    return operation;
  }

  /** The counts since the last point of the series. */
  private growth(point: HistogramPoint, sinceStart: boolean): readonly number[] {
    const { counts, isDelta, startMillis } = point;
    if (isDelta) return counts;
    const key = seriesKey(point);
    const last = this.lastCounts.get(key);
    if (!last && this.lastCounts.size >= maxSeries) {
      this.overflowCount++;
      return [];
    }
    this.lastCounts.set(key, counts);
    if (!last) {
      const isNew = sinceStart || (startMillis !== undefined && startMillis >= this.startedMillis);
      return isNew ? counts : [];
    }
    // A service that has started again counts from 0.
    const isReset =
      last.length !== counts.length || counts.some((count, index) => count < (last[index] ?? 0));
    return isReset ? counts : counts.map((count, index) => count - (last[index] ?? 0));
  }
}

function seriesKey({ metric, serviceName, instance, labels }: HistogramPoint): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`);
  return [metric, serviceName, instance, ...pairs].join('\n');
}

function addDot(dots: Dot[], dot: Dot): void {
  // The dots of spans were placeholders until the first exemplar came.
  if (dots[0]?.isExemplar === false) dots.length = 0;
  if (dots.some(({ traceId, spanId }) => traceId === dot.traceId && spanId === dot.spanId)) return;
  dots.push(dot);
  if (dots.length > maxDots) dots.shift();
}

/** In each step, the slowest spans and those that failed. */
function addSpanDot(dots: Dot[], span: Span, timeMillis: number): void {
  const { traceId, spanId, durationMillis, isError } = span;
  const dot: Dot = { traceId, spanId, timeMillis, durationMillis, isError, isExemplar: false };
  const step = Math.floor(timeMillis / stepMillis);
  let least = -1;
  let inStep = 0;
  for (let index = dots.length - 1; index >= 0; index--) {
    const each = dots[index] as Dot;
    const other = Math.floor(each.timeMillis / stepMillis);
    if (other < step) break;
    if (other > step) continue;
    inStep++;
    if (each.isError && !isError) continue;
    if (least < 0 || each.durationMillis < (dots[least] as Dot).durationMillis) least = index;
  }
  if (inStep < maxDotsPerStep) {
    dots.push(dot);
    if (dots.length > maxDots) dots.shift();
    return;
  }
  const replaced = dots[least];
  if (replaced && ((isError && !replaced.isError) || replaced.durationMillis < durationMillis))
    dots[least] = dot;
}
