import type { HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { OtlpExemplar, PointWithExemplars } from '../export/metric-request.js';
import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { labelsKey } from '../instruments/series-key.js';
import { version } from '../model/version.js';
import { startPace } from '../timing/pace.js';

/** The scope of the metrics that are made here; their points carry the identity. */
export const pushScope = { name: '@throughline/core', version };

type PointLabels = Record<string, string>;

interface HistogramSamples {
  readonly labels: PointLabels;
  readonly bounds: number[];
  /** Cumulative, as Prometheus counts. */
  readonly counts: number[];
  readonly exemplars: OtlpExemplar[];
  sum: number;
  count: number;
}

/**
 * Turns what is scraped into what is pushed, under names and labels that Prometheus' OTLP intake leaves as they
 * are: no units, which it would append, and the identity on every point, because an intake need not make labels of
 * resource attributes. A summary, which the SDK has no form for, becomes the series that it is in Prometheus.
 *
 * A call must have answered before the next one; the SDK's reader never has two exports at a time.
 *
 * @param isDelta counters and histograms as what came since the last call, in place of totals
 */
export function createOtlpPoints(identity: Readonly<Record<string, string>>, isDelta: boolean) {
  const startTime = hrTime(Date.now());
  let lastTime = startTime;
  let earlier = new Map<string, number | HistogramSamples>();

  return {
    async convert(snapshots: Iterable<MetricSnapshot>): Promise<MetricData[]> {
      const conversion = startConversion();
      const pace = startPace();
      for (const snapshot of snapshots) {
        conversion.add(snapshot);
        if (pace.isDue()) await pace.giveWay();
      }
      return conversion.end();
    },
    /** The same in one go, for the end of the process. */
    convertNow(snapshots: Iterable<MetricSnapshot>): MetricData[] {
      const conversion = startConversion();
      for (const snapshot of snapshots) conversion.add(snapshot);
      return conversion.end();
    },
  };

  function startConversion() {
    const endTime = hrTime(Date.now());
    const now = new Map<string, number | HistogramSamples>();
    const converted: MetricData[] = [];
    return {
      add(snapshot: MetricSnapshot): void {
        converted.push(...convert(snapshot));
      },
      end(): MetricData[] {
        earlier = now;
        lastTime = endTime;
        return converted.filter(({ dataPoints }) => dataPoints.length > 0);
      },
    };

    function convert(snapshot: MetricSnapshot): MetricData[] {
      switch (snapshot.type) {
        case 'counter':
          return [counterOf(snapshot)];
        case 'histogram':
          return [histogramOf(snapshot)];
        case 'summary':
          return summaryOf(snapshot);
        // Prometheus makes target_info from the resource itself.
        case 'info':
          return [];
        default:
          return [gaugeOf(snapshot, snapshot.name, snapshot.values)];
      }
    }

    function counterOf(snapshot: MetricSnapshot): MetricData {
      const dataPoints: PointWithExemplars<number>[] = [];
      for (const sample of snapshot.values) {
        const labels = labelsOf(sample);
        const value = isDelta
          ? stepOf(`${snapshot.name}\u0000${labelsKey(labels)}`, sample.value)
          : sample.value;
        if (value === undefined) continue;
        const exemplar = exemplarOf(sample);
        dataPoints.push({ ...point(labels, value), exemplars: exemplar ? [exemplar] : [] });
      }
      return {
        ...base(snapshot, snapshot.name),
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints,
      };
    }

    /** The increase of a total; undefined if there is none. A total that fell has restarted from zero. */
    function stepOf(key: string, value: number): number | undefined {
      now.set(key, value);
      const before = (earlier.get(key) as number | undefined) ?? 0;
      const step = value >= before ? value - before : value;
      return step === 0 ? undefined : step;
    }

    function histogramOf(snapshot: MetricSnapshot): MetricData {
      const dataPoints: PointWithExemplars<Histogram>[] = [];
      for (const [labelKey, series] of histogramSeries(snapshot)) {
        const key = `${snapshot.name}\u0000${labelKey}`;
        const before = isDelta ? (earlier.get(key) as HistogramSamples | undefined) : undefined;
        if (isDelta) now.set(key, series);
        const since = before && before.count <= series.count ? before : undefined;
        const count = series.count - (since?.count ?? 0);
        if (isDelta && count === 0) continue;
        const totals = series.counts.map((total, index) => total - (since?.counts[index] ?? 0));
        const counts = totals.map((total, index) => total - (totals[index - 1] ?? 0));
        // Above the last bound.
        counts.push(count - (totals.at(-1) ?? 0));
        const value = {
          buckets: { boundaries: series.bounds, counts },
          count,
          sum: series.sum - (since?.sum ?? 0),
        };
        dataPoints.push({ ...point(series.labels, value), exemplars: series.exemplars });
      }
      return { ...base(snapshot, snapshot.name), dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }

    function summaryOf(snapshot: MetricSnapshot): MetricData[] {
      const byName = new Map<string, MetricValue[]>();
      for (const sample of snapshot.values) {
        const name = sample.metricName ?? snapshot.name;
        byName.set(name, [...(byName.get(name) ?? []), sample]);
      }
      // As gauges: a counter's name would get the suffix _total.
      return Array.from(byName, ([name, values]) => gaugeOf(snapshot, name, values));
    }

    function gaugeOf(snapshot: MetricSnapshot, name: string, values: readonly MetricValue[]): MetricData {
      const dataPoints = values.map((sample) => point(labelsOf(sample), sample.value));
      return {
        ...base(snapshot, name),
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.GAUGE,
        dataPoints,
      };
    }

    function base({ help }: MetricSnapshot, name: string) {
      return {
        descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
        aggregationTemporality: isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
      };
    }

    function point<T>(attributes: PointLabels, value: T): DataPoint<T> {
      return { startTime: isDelta ? lastTime : startTime, endTime, attributes, value };
    }
  }

  function histogramSeries({ name, values }: MetricSnapshot): Map<string, HistogramSamples> {
    const all = new Map<string, HistogramSamples>();
    let shared: MetricValue['sharedLabels'];
    let series: HistogramSamples | undefined;
    for (const sample of values) {
      const { labels: bucketLabels, sharedLabels } = sample;
      const le = bucketLabels?.le;
      // The values of a series are adjacent and share one object of labels, which is read once.
      if (
        series === undefined ||
        sharedLabels === undefined ||
        sharedLabels !== shared ||
        !isBound(bucketLabels)
      ) {
        shared = sharedLabels;
        const labels = labelsOf(sample, 'le');
        const key = labelsKey(labels);
        series = all.get(key);
        if (!series) {
          series = { labels, bounds: [], counts: [], exemplars: [], sum: 0, count: 0 };
          all.set(key, series);
        }
      }
      if (sample.metricName === `${name}_sum`) series.sum = sample.value;
      else if (sample.metricName === `${name}_count`) series.count = sample.value;
      else if (le !== undefined && Number.isFinite(Number(le))) {
        series.bounds.push(Number(le));
        series.counts.push(sample.value);
      }
      const exemplar = exemplarOf(sample);
      if (exemplar) series.exemplars.push(exemplar);
    }
    return all;
  }

  function labelsOf({ labels, sharedLabels }: MetricValue, without?: string): PointLabels {
    const all: PointLabels = { ...identity };
    for (const source of [sharedLabels, labels]) {
      for (const name in source) {
        if (!Object.hasOwn(source, name)) continue;
        const value = source[name];
        if (value === undefined || value === '' || name === without) continue;
        all[Object.hasOwn(identity, name) ? `exported_${name}` : name] = String(value);
      }
    }
    return all;
  }
}

/** Whether these labels are nothing but the bound of a bucket. */
function isBound(labels: MetricValue['labels']): boolean {
  for (const name in labels) if (Object.hasOwn(labels, name) && name !== 'le') return false;
  return true;
}

function exemplarOf({ exemplar }: MetricValue): OtlpExemplar | undefined {
  if (!exemplar) return undefined;
  const { trace_id, span_id } = exemplar.labelSet as Record<string, string | undefined>;
  if (!trace_id || !span_id) return undefined;
  return {
    timeUnixNano: `${Math.round(exemplar.timestamp * 1000)}000000`,
    asDouble: exemplar.value,
    traceId: trace_id,
    spanId: span_id,
  };
}

function hrTime(millis: number): HrTime {
  return [Math.floor(millis / 1000), Math.round(millis % 1000) * 1_000_000];
}

interface OtlpRequest {
  resourceMetrics: {
    scopeMetrics: { metrics: Record<string, { dataPoints?: { exemplars?: unknown }[] } | undefined>[] }[];
  }[];
}

/**
 * Adds exemplars to an OTLP/JSON request, which the SDK's serializer leaves out. The request has the
 * order of what it was made from.
 */
export function withExemplars(
  request: Uint8Array,
  scopeMetrics: readonly { readonly metrics: readonly MetricData[] }[],
): Uint8Array {
  const hasAny = scopeMetrics.some(({ metrics }) =>
    metrics.some(({ dataPoints }) =>
      dataPoints.some((point) => ((point as PointWithExemplars<unknown>).exemplars?.length ?? 0) > 0),
    ),
  );
  if (!hasAny) return request;
  const parsed = JSON.parse(new TextDecoder().decode(request)) as OtlpRequest;
  for (const [scopeIndex, scope] of (parsed.resourceMetrics[0]?.scopeMetrics ?? []).entries()) {
    for (const [metricIndex, metric] of scope.metrics.entries()) {
      const points = metric.sum?.dataPoints ?? metric.histogram?.dataPoints ?? [];
      const sources = scopeMetrics[scopeIndex]?.metrics[metricIndex]?.dataPoints ?? [];
      for (const [index, point] of points.entries()) {
        const { exemplars } = (sources[index] ?? {}) as Partial<PointWithExemplars<unknown>>;
        if (exemplars && exemplars.length > 0) point.exemplars = exemplars;
      }
    }
  }
  return new TextEncoder().encode(JSON.stringify(parsed));
}
