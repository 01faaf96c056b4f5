import {
  type Aggregator,
  aggregators,
  type MetricSnapshot,
  type MetricValue,
} from '../instruments/metric-snapshot.js';

/**
 * A metric, or a part of it, as one process hands it to another: short as text, and every series in one place,
 * whichever client library it comes from.
 */
export interface SharedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly series: readonly SharedSeries[];
}

export type SharedSeries = readonly [labels: SharedLabels, samples: readonly SharedSample[]];
export type SharedLabels = Readonly<Record<string, string>>;

/**
 * `suffix` and `bound` distinguish the samples of one series: `_bucket` and `0.5`, `_sum` and none. `remainder` is the
 * difference between the value and the exact sum.
 */
export type SharedSample = readonly [
  suffix: string,
  bound: Bound,
  value: SharedNumber,
  exemplar?: SharedExemplar | null,
  remainder?: number,
];

/** JSON has no infinity and no NaN: these are texts that `Number` reads. */
export type SharedNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** A bucket's `le` or a summary's `quantile`; null for the rest. */
export type Bound = number | string | null;
export type SharedExemplar = NonNullable<MetricValue['exemplar']>;

/** Series of one part: a metric with thousands of them must not hold up the event loop. */
const seriesPerPart = 100;

/** A metric in parts, each of which is a metric by itself, and has other series than the rest. */
export function* toSharedMetrics(snapshot: MetricSnapshot): Generator<SharedMetric> {
  const { name, help, type, aggregator, isSum } = snapshot;
  const head = { name, help, type, aggregator: aggregatorOf(type, aggregator, isSum) };
  let series: SharedSeries[] = [];
  for (const one of seriesOf(snapshot)) {
    if (series.length === seriesPerPart) {
      yield { ...head, series };
      series = [];
    }
    series.push(one);
  }
  yield { ...head, series };
}

function seriesOf(snapshot: MetricSnapshot): Iterable<SharedSeries> {
  const boundLabel = boundLabelOf(snapshot.type);
  return boundLabel === undefined ? singleSeries(snapshot) : groupedSeries(snapshot, boundLabel);
}

/** Of counters and gauges every value is a series. */
function* singleSeries({ name, values }: MetricSnapshot): Generator<SharedSeries> {
  for (const sample of values) {
    yield [textLabels(sample.sharedLabels, sample.labels), [toSharedSample(name, sample, undefined)]];
  }
}

/** The values of a histogram, and those of a summary, are a series together. */
function groupedSeries({ name, values }: MetricSnapshot, boundLabel: string): Iterable<SharedSeries> {
  const series = new Map<string, [SharedLabels, SharedSample[]]>();
  let shared: MetricValue['sharedLabels'];
  let samples: SharedSample[] | undefined;
  for (const sample of values) {
    // They are mostly adjacent and share their labels. Older clients put all labels on every value.
    if (!samples || shared === undefined || sample.sharedLabels !== shared) {
      const labels = textLabels(sample.sharedLabels, sample.labels, boundLabel);
      const key = labelsKey(labels);
      samples = series.get(key)?.[1];
      if (!samples) {
        samples = [];
        series.set(key, [labels, samples]);
      }
      shared = sample.sharedLabels;
    }
    samples.push(toSharedSample(name, sample, boundLabel));
  }
  return series.values();
}

function toSharedSample(
  name: string,
  { value, labels, metricName, exemplar }: MetricValue,
  boundLabel: string | undefined,
): SharedSample {
  const suffix = metricName?.startsWith(name) ? metricName.slice(name.length) : '';
  const bound = boundLabel === undefined ? null : sharedBound(labels?.[boundLabel]);
  return exemplar ? [suffix, bound, sharedNumber(value), exemplar] : [suffix, bound, sharedNumber(value)];
}

/** Adds the values of a series to those of a metric. */
export function pushValues(
  values: MetricValue[],
  { name, type }: Pick<SharedMetric, 'name' | 'type'>,
  [sharedLabels, samples]: SharedSeries,
): void {
  const boundLabel = boundLabelOf(type) ?? 'le';
  for (const [suffix, bound, value, exemplar] of samples) {
    values.push({
      value: Number(value),
      ...(suffix === '' ? {} : { metricName: name + suffix }),
      ...(bound === null ? {} : { labels: { [boundLabel]: bound } }),
      sharedLabels,
      exemplar: exemplar ?? null,
    });
  }
}

/** The label that belongs to a sample and not to its series. */
function boundLabelOf(type: string): 'le' | 'quantile' | undefined {
  return type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
}

/**
 * How a metric without an aggregator is combined: values are added. Those of a gauge of the OpenTelemetry API are not,
 * unless it is an up-down counter: https://opentelemetry.io/docs/specs/otel/metrics/api/#gauge
 */
function aggregatorOf(type: string, given: Aggregator | undefined, isSum: boolean | undefined): Aggregator {
  if (given !== undefined && aggregators.includes(given)) return given;
  if (type === 'info') return 'first';
  return type === 'gauge' && isSum === false ? 'each' : 'sum';
}

/** In the order of their names, so that the same labels are the same text in every process. */
function textLabels(
  shared: MetricValue['sharedLabels'],
  labels: MetricValue['labels'],
  without?: string,
): SharedLabels {
  const all = shared && labels ? { ...labels, ...shared } : (shared ?? labels ?? {});
  const text: Record<string, string> = {};
  for (const name of Object.keys(all).sort()) {
    const value = all[name];
    if (name !== without && value !== undefined && value !== '') text[name] = String(value);
  }
  return text;
}

/** Key of labels that are in order. */
export function labelsKey(labels: SharedLabels): string {
  let key = '';
  for (const name of Object.keys(labels)) key += `${name}\u0000${labels[name]}\u0000`;
  return key;
}

export function sharedNumber(value: number): SharedNumber {
  return Number.isFinite(value) ? value : (String(value) as SharedNumber);
}

function sharedBound(bound: string | number | undefined): Bound {
  return bound === Number.POSITIVE_INFINITY ? '+Inf' : (bound ?? null);
}
