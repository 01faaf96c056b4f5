/*
 * The text in which Prometheus scrapes: format 0.0.4, and OpenMetrics 1.0, which alone carries exemplars.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */

import type { MetricSnapshot, MetricValue, SnapshotLabels } from '../instruments/metric-snapshot.js';
import { exemplarText, familyName, headText, joinLabels, labelText, numberText } from './exposition-text.js';
import type { SeriesTexts } from './series-texts.js';

export const textContentType = 'text/plain; version=0.0.4; charset=utf-8';
export const openMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export type ExpositionFormat = 'text' | 'openmetrics';

/** The format that a scraper requests. OpenMetrics is used only if the scraper names it. */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== 'application/openmetrics-text') continue;
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    return 'openmetrics';
  }
  return 'text';
}

/** Lines that are written in one go. */
const chunkLines = 500;

/**
 * Writes metrics in one of the formats, piece by piece, the identity on every series. A series that brings a label
 * of the same name keeps it as `exported_<name>`, as Prometheus itself does with a target's labels.
 *
 * @param texts writes the metrics that it has admitted
 */
export function* writeMetrics(
  metrics: Iterable<MetricSnapshot>,
  identity: Readonly<Record<string, string>>,
  format: ExpositionFormat,
  texts?: SeriesTexts,
): Generator<string> {
  const isOpenMetrics = format === 'openmetrics';
  const identityText = labelText(identity, () => false);
  const kept = texts?.startKeeping();
  let text = '';
  let lines = 0;
  for (const metric of metrics) {
    if (texts && kept && texts.writes(metric)) {
      const same = texts.textsOf(metric, isOpenMetrics);
      text += same.head;
      for (const series of metric.series) {
        text += texts.linesOf(series, same, kept);
        lines += same.linesPerSeries;
        if (lines < chunkLines) continue;
        yield text;
        text = '';
        lines = 0;
      }
      continue;
    }
    text += headText(metric, isOpenMetrics);
    const write = sampleWriter(metric, identity, identityText, isOpenMetrics);
    for (const sample of metric.values) {
      text += write(sample);
      if (++lines < chunkLines) continue;
      yield text;
      text = '';
      lines = 0;
    }
  }
  yield isOpenMetrics ? `${text}# EOF\n` : text;
}

/** The same as one text. */
export function renderMetrics(
  metrics: Iterable<MetricSnapshot>,
  identity: Readonly<Record<string, string>>,
  format: ExpositionFormat,
): string {
  return [...writeMetrics(metrics, identity, format)].join('');
}

/** Writes the samples of a metric, in their order. */
function sampleWriter(
  metric: MetricSnapshot,
  identity: Readonly<Record<string, string>>,
  identityText: string,
  isOpenMetrics: boolean,
): (sample: MetricValue) => string {
  const isCounter = metric.type === 'counter';
  const counterName = isOpenMetrics && isCounter ? `${familyName(metric, true)}_total` : undefined;
  const clashes = (name: string) => Object.hasOwn(identity, name);
  const hasSum = metric.type === 'histogram' || metric.type === 'summary';
  const isIllegal = isOpenMetrics && hasSum ? illegalSums(metric) : undefined;
  let shared: SnapshotLabels | undefined;
  let sharedText = '';
  return (sample) => {
    const name = counterName ?? sample.metricName ?? metric.name;
    if (isIllegal?.(name, sample)) return '';
    if (sample.sharedLabels !== shared) {
      shared = sample.sharedLabels;
      sharedText = shared ? labelText(shared, clashes) : '';
    }
    const seriesText = sample.labels ? labelText(sample.labels, clashes, isOpenMetrics) : '';
    const labels = joinLabels(joinLabels(seriesText, sharedText), identityText);
    const line = `${name}${labels === '' ? '' : `{${labels}}`} ${numberText(sample.value)}`;
    const { exemplar } = sample;
    // OpenMetrics allows exemplars on histogram buckets and counters only.
    return exemplar && isOpenMetrics && (isCounter || name.endsWith('_bucket'))
      ? `${line}${exemplarText(exemplar)}\n`
      : `${line}\n`;
  };
}

/**
 * With negative values the sum of a histogram or summary can go down. OpenMetrics then forbids the sum, and in a histogram
 * a count without a sum: its parsers refuse the whole response. The bucket `+Inf` still has the count.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#histogram
 *
 * @returns whether to leave out a sample; it gets them in the order buckets, sum, count
 */
function illegalSums({ name: metric, type }: MetricSnapshot): (name: string, sample: MetricValue) => boolean {
  const [sumName, countName] = [`${metric}_sum`, `${metric}_count`];
  let hasNegativeBounds = false;
  let isIllegal = false;
  return (name, { labels, value }) => {
    if (name === sumName) {
      isIllegal = hasNegativeBounds || !(value >= 0);
      return isIllegal;
    }
    if (name === countName) return isIllegal && type === 'histogram';
    if (Number(labels?.le) < 0) hasNegativeBounds = true;
    return false;
  };
}
