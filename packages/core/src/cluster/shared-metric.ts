import {
  type Aggregator,
  aggregators,
  type MetricSnapshot,
  type MetricValue,
} from '../metrics/exposition.js';
import { labelsKey } from '../metrics/series-key.js';

/**
 * A metric as one process hands it to another: short as text, and every series in one place, whichever client
 * library it comes from.
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
 * `suffix` and `bound` tell the samples of one series apart: `_bucket` and `0.5`, `_sum` and none. What a value
 * lacks to the exact sum that it stands for is its `remainder`.
 */
export type SharedSample = readonly [
  suffix: string,
  bound: Bound,
  value: SharedNumber,
  exemplar?: Exemplar | null,
  remainder?: number,
];

/** JSON has no infinity and no NaN: these are texts that `Number` reads. */
export type SharedNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** A bucket's `le` or a summary's `quantile`; null for the rest. */
export type Bound = number | string | null;
export type Exemplar = NonNullable<MetricValue['exemplar']>;

export function toSharedMetric({
  name,
  help,
  type,
  isSum,
  aggregator,
  values,
}: MetricSnapshot): SharedMetric {
  const boundLabel = boundLabelOf(type);
  const series = new Map<string, [SharedLabels, SharedSample[]]>();
  let lastShared: MetricValue['sharedLabels'];
  let lastSamples: SharedSample[] | undefined;
  for (const { value, labels = {}, sharedLabels, metricName = name, exemplar } of values) {
    const bound = boundLabel === undefined ? undefined : labels[boundLabel];
    const suffix = metricName.startsWith(name) ? metricName.slice(name.length) : '';
    const sample: SharedSample = exemplar
      ? [suffix, sharedBound(bound), sharedNumber(value), exemplar]
      : [suffix, sharedBound(bound), sharedNumber(value)];
    const isOnlyBound = bound !== undefined ? Object.keys(labels).length === 1 : isEmpty(labels);
    // The samples of a histogram stand together and share their labels: the usual case takes no look-up.
    if (isOnlyBound && sharedLabels !== undefined && sharedLabels === lastShared && lastSamples) {
      lastSamples.push(sample);
      continue;
    }
    const own = textLabels(sharedLabels, labels, bound === undefined ? undefined : boundLabel);
    const key = labelsKey(own);
    let found = series.get(key);
    if (!found) {
      found = [own, []];
      series.set(key, found);
    }
    found[1].push(sample);
    lastShared = isOnlyBound ? sharedLabels : undefined;
    lastSamples = found[1];
  }
  return {
    name,
    help,
    type,
    aggregator: aggregatorOf(type, aggregator, isSum),
    series: [...series.values()],
  };
}

/** Several parts are one metric, as its lines are. */
export function toSnapshot(parts: readonly SharedMetric[]): MetricSnapshot {
  const [{ name, help, type, aggregator }] = parts as [SharedMetric];
  const boundLabel = boundLabelOf(type) ?? 'le';
  const values: MetricValue[] = [];
  for (const { series } of parts) {
    for (const [sharedLabels, samples] of series) {
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
  }
  return { name, help, type, aggregator, values };
}

/** The label that belongs to a sample and not to its series. */
function boundLabelOf(type: string): 'le' | 'quantile' | undefined {
  return type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : undefined;
}

/**
 * What a metric without a word of its own means: counts add up. A gauge of the OpenTelemetry API does not, unless it
 * is an up-down counter: https://opentelemetry.io/docs/specs/otel/metrics/api/#gauge
 */
function aggregatorOf(type: string, given: Aggregator | undefined, isSum: boolean | undefined): Aggregator {
  if (given !== undefined && aggregators.includes(given)) return given;
  if (type === 'info') return 'first';
  return type === 'gauge' && isSum === false ? 'each' : 'sum';
}

function textLabels(
  shared: MetricValue['sharedLabels'],
  labels: NonNullable<MetricValue['labels']>,
  without: string | undefined,
): SharedLabels {
  const text: Record<string, string> = {};
  for (const source of [labels, shared]) {
    for (const name in source) {
      const value = source[name];
      if (name !== without && value !== undefined && value !== '') text[name] = String(value);
    }
  }
  return text;
}

function isEmpty(labels: object): boolean {
  for (const _ in labels) return false;
  return true;
}

export function sharedNumber(value: number): SharedNumber {
  return Number.isFinite(value) ? value : (String(value) as SharedNumber);
}

function sharedBound(bound: string | number | undefined): Bound {
  return bound === Number.POSITIVE_INFINITY ? '+Inf' : (bound ?? null);
}

/** Series of one line: a metric with thousands of them must not hold up the event loop. */
const seriesPerLine = 100;

/** A metric as lines of JSON, each of which is a metric by itself. */
export function* metricLines(metric: SharedMetric): Generator<string> {
  const { series } = metric;
  for (let start = 0; start === 0 || start < series.length; start += seriesPerLine) {
    yield JSON.stringify({ ...metric, series: series.slice(start, start + seriesPerLine) });
  }
}
