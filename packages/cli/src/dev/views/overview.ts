import type { DotAnswer, OperationAnswer, OperationStep, OverviewAnswer, OverviewRow } from '../model/api.js';
import { type Intervals, keptSteps, stepMillis } from '../store/intervals.js';
import type { Operation } from '../store/operation-store.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import { percentile } from './percentiles.js';

const sparklineParts = 30;
const shortestMillis = 60_000;

/** A window that is not longer than what has been observed, so that a young chart is not empty on its left. */
function shownMillis(store: TelemetryStore, windowMillis: number): number {
  const observedMillis = Math.ceil(store.observedSeconds(windowMillis) / 30) * 30_000;
  return Math.min(windowMillis, Math.max(shortestMillis, observedMillis));
}

/** The service's own histogram if it has counted anything, because it counts unsampled requests too; else the spans. */
function countsOf({ byMetrics, bySpans }: Operation): { source: 'metrics' | 'spans'; intervals: Intervals } {
  const [any] = byMetrics?.entries() ?? [];
  return byMetrics && any
    ? { source: 'metrics', intervals: byMetrics }
    : { source: 'spans', intervals: bySpans };
}

/** A row for each operation, over the last part of the time that is kept. */
export function overview(store: TelemetryStore, windowMillis: number): OverviewAnswer {
  const nowMillis = store.nowMillis();
  const rows = [...store.operations.all()].map((operation) =>
    rowOf(operation, nowMillis, windowMillis, store),
  );
  rows.sort(
    (a, b) => compare(a.serviceName, b.serviceName) || b.count - a.count || compare(a.operation, b.operation),
  );
  return { windowMillis, rows };
}

function rowOf(
  operation: Operation,
  nowMillis: number,
  windowMillis: number,
  store: TelemetryStore,
): OverviewRow {
  const { source, intervals } = countsOf(operation);
  const drawnMillis = shownMillis(store, windowMillis);
  const fromStep = Math.floor((nowMillis - drawnMillis) / stepMillis) + 1;
  const steps = drawnMillis / stepMillis;
  const counts: number[] = new Array(intervals.bounds.length + 1).fill(0);
  const sparkline: number[] = new Array(sparklineParts).fill(0);
  let [count, errorCount] = [0, 0];
  for (const [step, interval] of intervals.entries()) {
    if (step < fromStep) continue;
    count += interval.count;
    errorCount += interval.errors;
    interval.counts.forEach((each, index) => {
      counts[index] = (counts[index] ?? 0) + each;
    });
    const part = Math.min(sparklineParts - 1, Math.floor(((step - fromStep) / steps) * sparklineParts));
    sparkline[part] = (sparkline[part] ?? 0) + interval.count;
  }
  const secondsLong = store.observedSeconds(windowMillis);
  return {
    ...{ serviceName: operation.serviceName, operation: operation.name, source },
    ...{ count, errorCount, ratePerSecond: count / secondsLong, sparkline },
    p50Millis: percentile(0.5, intervals.bounds, counts),
    p95Millis: percentile(0.95, intervals.bounds, counts),
    p99Millis: percentile(0.99, intervals.bounds, counts),
  };
}

/** The charts of one operation. */
export function operationView(
  store: TelemetryStore,
  operation: Operation,
  windowMillis: number,
): OperationAnswer {
  const drawnMillis = shownMillis(store, windowMillis);
  const { source, intervals } = countsOf(operation);
  // A few more requests in each point of a longer chart.
  const together = Math.max(1, Math.round(drawnMillis / stepMillis / 60));
  const last = Math.floor(store.nowMillis() / stepMillis / together);
  const points = Math.min(Math.ceil(drawnMillis / stepMillis / together), Math.ceil(keptSteps / together));
  const steps = Array.from({ length: points }, (_, index) =>
    stepOf(intervals, (last - points + 1 + index) * together, together),
  );
  const fromMillis = steps[0]?.timeMillis ?? 0;
  const dots = operation.dots
    .filter(({ timeMillis }) => timeMillis >= fromMillis)
    .map(({ traceId, timeMillis, durationMillis, isError, isExemplar }): DotAnswer => {
      const isStored = store.traces.get(traceId) !== undefined;
      return { traceId, timeMillis, durationMillis, isError, isExemplar, isStored };
    });
  return {
    ...{ serviceName: operation.serviceName, operation: operation.name, source },
    ...{ stepMillis: stepMillis * together, steps, dots },
  };
}

function stepOf(intervals: Intervals, first: number, together: number): OperationStep {
  const counts: number[] = new Array(intervals.bounds.length + 1).fill(0);
  let [count, errorCount] = [0, 0];
  for (let step = first; step < first + together; step++) {
    const interval = intervals.get(step);
    if (!interval) continue;
    count += interval.count;
    errorCount += interval.errors;
    interval.counts.forEach((each, index) => {
      counts[index] = (counts[index] ?? 0) + each;
    });
  }
  const quantile = (ratio: number) => percentile(ratio, intervals.bounds, counts) ?? null;
  return {
    ...{ timeMillis: first * stepMillis, count, errorCount },
    ...{ p50Millis: quantile(0.5), p95Millis: quantile(0.95), p99Millis: quantile(0.99) },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
