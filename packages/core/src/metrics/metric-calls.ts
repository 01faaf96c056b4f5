import type { ExemplarLabels } from '../instruments/exemplar.js';
import type { SeriesCounter } from '../instruments/series-counter.js';
import type { SeriesGauge } from '../instruments/series-gauge.js';
import type { SeriesHistogram } from '../instruments/series-histogram.js';
import type { SeriesHandle, SeriesLabels } from '../instruments/series-limit.js';
import type { StoredExemplar } from '../instruments/series-metric.js';
import { GivenSeries } from './given-series.js';
import { type GivenLabels, isObject, type MetricLabels, type ReportMisuse, textOf } from './metric-labels.js';

/** What one metric's calls take from what is around them. */
export interface MetricCalls {
  readonly labels: MetricLabels;
  readonly takesExemplars: boolean;
  /** The active trace, if it is exported. */
  exemplar(): ExemplarLabels | undefined;
  /** A value that cannot be recorded. */
  rejected(reason: string): void;
  readonly misused: ReportMisuse;
  /** Whether the contract allows no series to have the label. */
  drops(label: string): boolean;
  /** Most label sets whose `labels(…)` are kept. */
  maxSeries(): number;
}

const noLabels: GivenLabels = Object.freeze({});

/** prom-client's calls of a counter. */
export function counterCalls(counter: SeriesCounter, calls: MetricCalls) {
  const { labels } = calls;
  const series = new GivenSeries(labels, counter.series, calls.drops);
  const takes = (value: unknown): value is number => {
    // Also text, which would be appended instead of added.
    if (Number.isFinite(value) && (value as number) >= 0) return true;
    calls.rejected(`a counter cannot record ${shown(value)}`);
    return false;
  };
  const add = (given: GivenLabels, value: unknown, exemplar?: StoredExemplar['labelSet']) => {
    const step = value ?? 1;
    if (takes(step)) counter.addTo(series.of(given), step, exemplar ?? calls.exemplar());
  };
  const child = (handle: SeriesHandle<ReturnType<typeof counter.series.of>>) => ({
    inc(value?: number) {
      const step = value ?? 1;
      if (takes(step)) counter.addTo(handle.get(), step, calls.exemplar());
    },
  });
  return {
    inc(first?: unknown, value?: unknown) {
      if (calls.takesExemplars) {
        const data = exemplarData(first, value, calls);
        add(data.labels, data.value, data.exemplar);
      } else if (isObject(first)) add(first, value);
      else if (labelsComeFirst('inc', value, calls)) add(noLabels, first);
    },
    labels: labelled(counter, calls, child, { inc() {} }),
    ...removal(counter, labels),
  };
}

/** prom-client's calls of a gauge. */
export function gaugeCalls(gauge: SeriesGauge, calls: MetricCalls) {
  const { labels } = calls;
  const takes = (value: unknown): value is number => {
    if (Number.isFinite(value)) return true;
    calls.rejected(`a gauge cannot record ${shown(value)}`);
    return false;
  };
  const set = (given: GivenLabels, value: unknown) => {
    if (takes(value)) gauge.set(labels.of(given), value);
  };
  const add = (given: GivenLabels, value: unknown, sign: 1 | -1) => {
    const step = value ?? 1;
    if (takes(step)) gauge.add(labels.of(given), sign * step);
  };
  const child = (handle: SeriesHandle<ReturnType<typeof gauge.series.of>>, given: GivenLabels) => {
    const addHere = (value: number | undefined, sign: 1 | -1) => {
      const step = value ?? 1;
      if (takes(step)) handle.get().value += sign * step;
    };
    const setHere = (value: number) => {
      if (takes(value)) handle.get().value = value;
    };
    return {
      inc: (value?: number) => addHere(value, 1),
      dec: (value?: number) => addHere(value, -1),
      set: setHere,
      setToCurrentTime: () => setHere(Date.now() / 1000),
      startTimer: () => timer(given, set),
    };
  };
  return {
    set(first: unknown, value?: unknown) {
      if (isObject(first)) set(first, value);
      else if (labelsComeFirst('set', value, calls)) set(noLabels, first);
    },
    inc(first?: unknown, value?: unknown) {
      if (isObject(first)) add(first, value, 1);
      else if (labelsComeFirst('inc', value, calls)) add(noLabels, first, 1);
    },
    dec(first?: unknown, value?: unknown) {
      if (isObject(first)) add(first, value, -1);
      else if (labelsComeFirst('dec', value, calls)) add(noLabels, first, -1);
    },
    setToCurrentTime: (given?: unknown) => set(isObject(given) ? given : noLabels, Date.now() / 1000),
    startTimer: (given?: unknown) => timer(given, set),
    labels: labelled(gauge, calls, child, {
      inc() {},
      dec() {},
      set() {},
      setToCurrentTime() {},
      startTimer: () => timer(noLabels, () => {}),
    }),
    ...removal(gauge, labels),
  };
}

/** prom-client's calls of a histogram. */
export function histogramCalls(histogram: SeriesHistogram, calls: MetricCalls) {
  const { labels } = calls;
  const series = new GivenSeries(labels, histogram.series, calls.drops);
  const takes = (value: unknown): value is number => {
    if (Number.isFinite(value)) return true;
    calls.rejected(`a histogram cannot record ${shown(value)}`);
    return false;
  };
  const observe = (given: GivenLabels, value: unknown, exemplar?: StoredExemplar['labelSet']) => {
    if (takes(value)) histogram.observeIn(series.of(given), value, exemplar ?? calls.exemplar());
  };
  const child = (handle: SeriesHandle<ReturnType<typeof histogram.series.of>>, given: GivenLabels) => ({
    observe(value: number) {
      if (takes(value)) histogram.observeIn(handle.get(), value, calls.exemplar());
    },
    startTimer: () => timer(given, observe),
  });
  return {
    observe(first: unknown, value?: unknown) {
      if (calls.takesExemplars) {
        const data = exemplarData(first, value, calls);
        observe(data.labels, data.value, data.exemplar);
      } else if (isObject(first)) observe(first, value);
      else if (labelsComeFirst('observe', value, calls)) observe(noLabels, first);
    },
    startTimer: (given?: unknown) => timer(given, observe),
    labels: labelled(histogram, calls, child, {
      observe() {},
      startTimer: () => timer(noLabels, () => {}),
    }),
    zero: (given: unknown) => histogram.zero(labels.of(isObject(given) ? given : noLabels)),
    ...removal(histogram, labels),
  };
}

/** @returns records the seconds since now, under the labels of start and end together */
function timer(given: unknown, record: (labels: GivenLabels, seconds: number) => void) {
  const startMillis = performance.now();
  return (endLabels?: unknown): number => {
    const seconds = (performance.now() - startMillis) / 1000;
    record(
      isObject(endLabels) ? { ...(given as object), ...endLabels } : isObject(given) ? given : noLabels,
      seconds,
    );
    return seconds;
  };
}

/** `labels(…)`: what it returned is returned again for the same labels, up to as many as a metric has series. */
function labelled<S, C>(
  metric: { readonly series: { handle(labels: () => SeriesLabels): SeriesHandle<S> } },
  { labels, maxSeries }: MetricCalls,
  create: (handle: SeriesHandle<S>, given: GivenLabels) => C,
  inert: C,
): (...given: unknown[]) => C {
  const kept = new Map<string, C>();
  return (...given) => {
    const values = labels.ofArguments(given);
    if (!values) return inert;
    const key = labels.keyOf(values);
    const known = kept.get(key);
    if (known) return known;
    // A copy: the caller may change its object, and the labels are read again after series were removed.
    const labelValues = { ...values };
    const child = create(
      metric.series.handle(() => labels.of(labelValues)),
      labelValues,
    );
    if (kept.size < maxSeries()) kept.set(key, child);
    return child;
  };
}

function removal(metric: { remove(labels: SeriesLabels): void; reset(): void }, labels: MetricLabels) {
  return {
    remove(...given: unknown[]) {
      const values = labels.ofArguments(given);
      if (values) metric.remove(labels.of(values));
    },
    reset: () => metric.reset(),
  };
}

/** A value in front of its labels would be recorded without them. */
function labelsComeFirst(call: string, second: unknown, { misused }: MetricCalls): boolean {
  if (!isObject(second)) return true;
  misused(
    `order of ${call}`,
    () => `the labels come first: ${call}(labels, value). Nothing was recorded`,
    true,
  );
  return false;
}

/** The one object of a metric with `enableExemplars`, as prom-client reads it. */
function exemplarData(first: unknown, second: unknown, { misused }: MetricCalls) {
  const data = isObject(first) ? first : {};
  if (first !== undefined && (!isObject(first) || second !== undefined)) {
    misused(
      'exemplars',
      () =>
        'it was declared with enableExemplars, so each call takes one object: { labels, value, exemplarLabels }. Other arguments are ignored',
      false,
    );
  }
  const { labels, value, exemplarLabels } = data;
  return {
    labels: isObject(labels) ? labels : noLabels,
    value,
    exemplar: isObject(exemplarLabels) ? exemplarOf(exemplarLabels, misused) : undefined,
  };
}

/** https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars: at most 128 characters. */
function exemplarOf(given: GivenLabels, misused: ReportMisuse): StoredExemplar['labelSet'] | undefined {
  const labels: Record<string, string> = {};
  let length = 0;
  for (const name of Object.keys(given)) {
    const text = textOf(given[name]);
    labels[name] = text;
    length += name.length + text.length;
  }
  if (length === 0) return undefined;
  if (length <= 128) return labels;
  misused(
    'length of exemplarLabels',
    () =>
      `exemplarLabels have ${length} characters; the limit is 128. The value was recorded with the active trace`,
    false,
  );
  return undefined;
}

/** A value with its type unless it is a number, so that the message distinguishes 7 and '7'. */
function shown(value: unknown): string {
  return typeof value === 'number' || value === undefined || value === null
    ? String(value)
    : `${typeof value} ${textOf(value)}`;
}
