import type { ExposedMetric, ExposedSample } from '../../metrics/parse-exposition.js';
import type { Exemplar, HistogramPoint } from '../model/telemetry.js';
import { operationOfHistogram } from '../store/operation.js';

interface Series {
  readonly labels: Record<string, string>;
  readonly buckets: { readonly bound: number; readonly sample: ExposedSample }[];
}

/**
 * The series of those histograms that count requests and messages, from a scrape.
 *
 * @param instance tells apart the instances of a service
 */
export function scrapedHistograms(
  metrics: readonly ExposedMetric[],
  { serviceName, instance, timeMillis }: { serviceName: string; instance: string; timeMillis: number },
): HistogramPoint[] {
  return metrics.flatMap((metric) => {
    const point = (series: Series): HistogramPoint => pointOf(metric.name, series);
    const isNeeded = operationOfHistogram(pointOf(metric.name, { labels: {}, buckets: [] })) !== undefined;
    return metric.type === 'histogram' && isNeeded ? seriesOf(metric).map(point) : [];
  });

  function pointOf(metric: string, { labels, buckets }: Series): HistogramPoint {
    buckets.sort((a, b) => a.bound - b.bound);
    const cumulative = buckets.map(({ sample }) => sample.value);
    return {
      ...{ metric, labels, timeMillis, instance, isDelta: false, startMillis: undefined },
      serviceName: labels.service_name ?? serviceName,
      bounds: buckets.map(({ bound }) => bound).filter(Number.isFinite),
      counts: cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0)),
      exemplars: buckets.flatMap(({ sample }) => exemplarOf(sample)),
    };
  }
}

function seriesOf({ name, samples }: ExposedMetric): Series[] {
  const found = new Map<string, Series>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket`) continue;
    const { le = '', ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    const series = found.get(key) ?? { labels, buckets: [] };
    found.set(key, series);
    series.buckets.push({ bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), sample });
  }
  return [...found.values()];
}

function exemplarOf({ exemplar }: ExposedSample): Exemplar[] {
  const traceId = exemplar?.labels.trace_id;
  if (!exemplar || traceId === undefined) return [];
  const { value, timestampSeconds } = exemplar;
  const timeMillis = timestampSeconds === undefined ? undefined : timestampSeconds * 1_000;
  return [{ traceId, spanId: exemplar.labels.span_id, value, timeMillis }];
}
