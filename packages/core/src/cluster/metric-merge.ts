import type { Aggregator, MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { overflowLabel } from '../instruments/series-limit.js';
import { startPace } from '../timing/pace.js';
import {
  type Bound,
  labelsKey,
  pushValues,
  type SharedExemplar,
  type SharedLabels,
  type SharedMetric,
  type SharedSample,
  type SharedSeries,
  sharedNumber,
} from './shared-metric.js';

/** Label that distinguishes the processes in metrics that exist once per process. */
export const workerLabel = 'worker';

/** Where a metric comes from. */
export interface Source {
  /** Value of the label `worker`. */
  readonly worker: string;
  /** Whether it has just answered. What is left of one that is gone, or hangs, are its totals. */
  readonly isCurrent: boolean;
  /** Whether `process_*` is taken from this thread: all threads of a process would report the same values. */
  readonly speaksForProcess: boolean;
}

export interface MergeSettings {
  readonly conflicting: (metric: string, detail: string) => void;
  /** Whether series may have the label `worker`; a contract can forbid it. */
  readonly hasWorkerLabel?: boolean;
}

interface MergedMetric extends Pick<SharedMetric, 'name' | 'help' | 'type' | 'aggregator'> {
  readonly series: Map<string, MergedSeries>;
}

interface MergedSeries {
  readonly labels: SharedLabels;
  samples: MergedSample[];
}

interface MergedSample {
  readonly suffix: string;
  readonly bound: Bound;
  value: number;
  /** What `value` lacks to the exact sum. */
  remainder: number;
  exemplar: SharedExemplar | undefined;
  /** How many values are in it. */
  count: number;
}

/**
 * Metrics of several processes as one set. Totals are summed exactly and rounded once at the end. The sum of totals that
 * only rise then never falls, in any order in which they are added, which Prometheus
 * would take for a restart.
 */
export class MergedMetrics {
  private readonly byName = new Map<string, MergedMetric>();

  constructor(private readonly settings: MergeSettings) {}

  add(metric: SharedMetric, source: Source): void {
    const aggregator = this.aggregatorFor(metric);
    if (aggregator === 'omit') return;
    if (!source.isCurrent && !isTotal(metric)) return;
    if (aggregator === 'each' && !source.speaksForProcess && metric.name.startsWith('process_')) return;
    // A metric that describes the whole service exists once, even if its labels differ between processes.
    if (metric.type === 'info' && aggregator === 'first' && this.byName.has(metric.name)) return;
    const merged = this.metricOf(metric);
    if (!merged) return;
    for (const [labels, samples] of metric.series) {
      if (aggregator === 'each') {
        addSeries(merged, 'first', withWorker(labels, source.worker), samples);
        continue;
      }
      if (metric.type !== 'summary') {
        addSeries(merged, aggregator, labels, samples);
        continue;
      }
      // Quantiles of several processes have no sum, and no average that would mean anything.
      const isQuantile = ([, bound]: SharedSample) => bound !== null;
      addSeries(
        merged,
        aggregator,
        labels,
        samples.filter((sample) => !isQuantile(sample)),
      );
      if (!source.isCurrent || this.settings.hasWorkerLabel === false) continue;
      addSeries(merged, 'first', withWorker(labels, source.worker), samples.filter(isQuantile));
    }
  }

  /**
   * Keeps the totals of a process that is gone.
   *
   * @param maxSeries of one metric; beyond them, new ones go to the overflow series
   */
  keepTotals(metric: SharedMetric, maxSeries: number, overflowed: (metric: string) => void): void {
    if (!isTotal(metric)) return;
    const merged = this.metricOf(metric);
    if (!merged) return;
    for (const [labels, samples] of metric.series) {
      const totals = metric.type === 'summary' ? samples.filter(([, bound]) => bound === null) : samples;
      const isNew = !merged.series.has(labelsKey(labels));
      if (isNew && merged.series.size >= maxSeries && !(overflowLabel in labels)) {
        overflowed(metric.name);
        addSeries(merged, 'sum', { [overflowLabel]: 'true' }, totals);
      } else addSeries(merged, 'sum', labels, totals);
    }
  }

  *shared(): Generator<SharedMetric> {
    for (const metric of this.byName.values()) {
      for (const series of metric.series.values()) yield { ...metric, series: [toSharedSeries(series)] };
    }
  }

  async snapshots(): Promise<MetricSnapshot[]> {
    const pace = startPace();
    const snapshots: MetricSnapshot[] = [];
    for (const { series, ...metric } of this.byName.values()) {
      const values: MetricValue[] = [];
      for (const { labels, samples } of series.values()) {
        pushValues(values, metric, [
          labels,
          samples.map((sample) => [
            sample.suffix,
            sample.bound,
            sharedNumber(resultOf(sample, metric.aggregator)),
            sample.exemplar ?? null,
          ]),
        ]);
        if (pace.isDue()) await pace.giveWay();
      }
      snapshots.push({ ...metric, values });
    }
    return snapshots;
  }

  private metricOf({ name, help, type, aggregator }: SharedMetric): MergedMetric | undefined {
    let merged = this.byName.get(name);
    if (!merged) {
      merged = { name, help, type, aggregator, series: new Map() };
      this.byName.set(name, merged);
    }
    if (merged.type === type) return merged;
    this.settings.conflicting(name, `as a ${merged.type} and as a ${type} in two processes`);
    return undefined;
  }

  private aggregatorFor({ name, type, aggregator }: SharedMetric): Aggregator {
    const agreed = this.byName.get(name)?.aggregator ?? aggregator;
    if (agreed !== 'each' || this.settings.hasWorkerLabel !== false) return agreed;
    return totalTypes.has(type) ? 'sum' : 'omit';
  }
}

const totalTypes: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary']);

/** Whether a metric only rises, so that what a process counted stays true when it is gone. */
function isTotal({ type, aggregator }: SharedMetric): boolean {
  return aggregator === 'sum' && totalTypes.has(type);
}

function withWorker(labels: SharedLabels, worker: string): SharedLabels {
  const { [workerLabel]: own, ...others } = labels;
  // As Prometheus itself does with a label that a target's series has already.
  return {
    ...others,
    ...(own === undefined ? {} : { [`exported_${workerLabel}`]: own }),
    [workerLabel]: worker,
  };
}

function addSeries(
  metric: MergedMetric,
  aggregator: Aggregator,
  labels: SharedLabels,
  samples: readonly SharedSample[],
): void {
  if (samples.length === 0) return;
  const key = labelsKey(labels);
  const known = metric.series.get(key);
  if (!known) {
    metric.series.set(key, { labels, samples: samples.map(toMerged) });
    return;
  }
  if (aggregator === 'first') return;
  const isAlike =
    samples.length === known.samples.length &&
    samples.every((sample, index) => isSame(sample, known.samples[index] as MergedSample));
  const aligned = isAlike || metric.type !== 'histogram' ? samples : alignBuckets(known, samples);
  for (const [index, sample] of aligned.entries()) {
    const into = isAlike ? known.samples[index] : known.samples.find((other) => isSame(sample, other));
    if (into) addSample(into, aggregator, sample);
    else known.samples.push(toMerged(sample));
  }
}

const isSame = ([suffix, bound]: SharedSample, known: MergedSample) =>
  known.suffix === suffix && known.bound === bound;

function toMerged([suffix, bound, value, exemplar, remainder = 0]: SharedSample): MergedSample {
  return { suffix, bound, value: Number(value), remainder, exemplar: exemplar ?? undefined, count: 1 };
}

function toSharedSeries({ labels, samples }: MergedSeries): SharedSeries {
  return [
    labels,
    samples.map(({ suffix, bound, value, exemplar, remainder }) => [
      suffix,
      bound,
      sharedNumber(value),
      exemplar ?? null,
      remainder,
    ]),
  ];
}

function addSample(
  into: MergedSample,
  aggregator: Aggregator,
  [, , given, exemplar, remainder = 0]: SharedSample,
): void {
  const value = Number(given);
  into.count++;
  if (aggregator === 'min') into.value = Math.min(into.value, value);
  else if (aggregator === 'max') into.value = Math.max(into.value, value);
  else {
    // Knuth's TwoSum: what rounding takes off the sum is kept.
    const sum = into.value + value;
    const added = sum - into.value;
    const lost = into.value - (sum - added) + (value - added);
    into.remainder = Number.isFinite(sum) ? into.remainder + lost + remainder : 0;
    into.value = sum;
  }
  if (exemplar && !(into.exemplar && into.exemplar.timestamp >= exemplar.timestamp)) into.exemplar = exemplar;
}

function resultOf({ value, remainder, count }: MergedSample, aggregator: Aggregator): number {
  const sum = value + remainder;
  return aggregator === 'average' ? sum / count : sum;
}

/**
 * Gives two histograms the bounds of both, if they differ, as they do while a release with other buckets rolls
 * out. A bound that one of them has not counts there what its next lower bound counts.
 */
function alignBuckets(known: MergedSeries, samples: readonly SharedSample[]): readonly SharedSample[] {
  const knownBuckets = known.samples.filter(({ suffix }) => suffix === '_bucket');
  const given = samples.filter(isBucket).map(([, bound, value]) => ({ bound, value: Number(value) }));
  const lacks = (buckets: readonly Bucket[]) => (bucket: Bucket) =>
    !buckets.some(({ bound }) => bound === bucket.bound);
  for (const { bound } of given.filter(lacks(knownBuckets))) {
    known.samples.push(toMerged(['_bucket', bound, countBelow(knownBuckets, bound)]));
  }
  known.samples.sort(compareBounds);
  const added = knownBuckets.filter(lacks(given));
  return [
    ...samples,
    ...added.map(({ bound }): SharedSample => ['_bucket', bound, countBelow(given, bound)]),
  ];
}

type Bucket = Pick<MergedSample, 'bound' | 'value'>;

function countBelow(buckets: readonly Bucket[], bound: Bound): number {
  return buckets.reduce(
    (found, other) => (upper(other.bound) < upper(bound) ? Math.max(found, other.value) : found),
    0,
  );
}

const isBucket = ([suffix]: SharedSample) => suffix === '_bucket';
const upper = (bound: Bound) => (bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound));

/** Buckets ascend; a histogram's sum and count follow, as they came. */
function compareBounds(a: MergedSample, b: MergedSample): number {
  const [isBucketA, isBucketB] = [a, b].map(({ suffix }) => suffix === '_bucket');
  if (!isBucketA || !isBucketB) return Number(isBucketB) - Number(isBucketA);
  const [upperA, upperB] = [upper(a.bound), upper(b.bound)];
  return upperA === upperB ? 0 : upperA < upperB ? -1 : 1;
}
