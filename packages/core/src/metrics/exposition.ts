/*
 * The text in which Prometheus scrapes: format 0.0.4, and OpenMetrics 1.0, which alone carries exemplars.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */

import type { MetricSnapshot, MetricValue, SnapshotLabels } from '../instruments/metric-snapshot.js';

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
 */
export function* writeMetrics(
  metrics: Iterable<MetricSnapshot>,
  identity: Readonly<Record<string, string>>,
  format: ExpositionFormat,
): Generator<string> {
  const identityText = labelText(identity, () => false);
  let lines: string[] = [];
  for (const metric of metrics) {
    for (const line of linesOf(metric, identity, identityText, format)) {
      lines.push(line);
      if (lines.length < chunkLines) continue;
      yield lines.join('');
      lines = [];
    }
  }
  if (format === 'openmetrics') lines.push('# EOF\n');
  yield lines.join('');
}

/** The same as one text. */
export function renderMetrics(
  metrics: Iterable<MetricSnapshot>,
  identity: Readonly<Record<string, string>>,
  format: ExpositionFormat,
): string {
  return [...writeMetrics(metrics, identity, format)].join('');
}

function* linesOf(
  metric: MetricSnapshot,
  identity: Readonly<Record<string, string>>,
  identityText: string,
  format: ExpositionFormat,
): Generator<string> {
  const isOpenMetrics = format === 'openmetrics';
  const isCounter = metric.type === 'counter';
  const { family, type } = isOpenMetrics
    ? openMetricsFamily(metric)
    : { family: metric.name, type: metric.type === 'info' ? 'gauge' : metric.type };
  yield `# HELP ${family} ${escapeHelp(metric.help, isOpenMetrics)}\n# TYPE ${family} ${type}\n`;
  const clashes = (name: string) => Object.hasOwn(identity, name);
  const hasSum = metric.type === 'histogram' || metric.type === 'summary';
  const isIllegal = isOpenMetrics && hasSum ? illegalSums(metric) : undefined;
  let shared: SnapshotLabels | undefined;
  let sharedText = '';
  for (const sample of metric.values) {
    const name = isOpenMetrics && isCounter ? `${family}_total` : (sample.metricName ?? metric.name);
    if (isIllegal?.(name, sample)) continue;
    if (sample.sharedLabels !== shared) {
      shared = sample.sharedLabels;
      sharedText = shared ? labelText(shared, clashes) : '';
    }
    const seriesText = sample.labels ? labelText(sample.labels, clashes, isOpenMetrics) : '';
    const labels = join(join(seriesText, sharedText), identityText);
    let line = `${name}${labels === '' ? '' : `{${labels}}`} ${numberText(sample.value)}`;
    const { exemplar } = sample;
    // OpenMetrics allows exemplars on histogram buckets and counters only.
    if (exemplar && isOpenMetrics && (isCounter || name.endsWith('_bucket'))) {
      line += ` # {${labelText({ ...exemplar.labelSet }, () => false)}} ${numberText(exemplar.value)} ${exemplar.timestamp}`;
    }
    yield `${line}\n`;
  }
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

/** OpenMetrics names the family of a counter or an info without the suffix that its samples must have. */
function openMetricsFamily({ name, type }: MetricSnapshot) {
  switch (type) {
    case 'counter':
      return { family: name.replace(/_total$/, ''), type };
    case 'info':
      return { family: name.replace(/_info$/, ''), type };
    default:
      return { family: name, type };
  }
}

function join(a: string, b: string): string {
  return a === '' ? b : b === '' ? a : `${a},${b}`;
}

function labelText(
  labels: SnapshotLabels,
  clashes: (name: string) => boolean,
  canonicalBounds = false,
): string {
  let text = '';
  for (const name in labels) {
    if (!Object.hasOwn(labels, name)) continue;
    const value = labels[name];
    // An empty label is the same as none.
    if (value === undefined || value === '') continue;
    if (text !== '') text += ',';
    const shown =
      canonicalBounds && typeof value === 'number' && (name === 'le' || name === 'quantile')
        ? canonicalFloat(value)
        : String(value);
    text += `${clashes(name) ? `exported_${name}` : name}="${escapeLabelValue(shown)}"`;
  }
  return text;
}

/** OpenMetrics wants bounds as floats: `1.0`, not `1`. */
function canonicalFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : numberText(value);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function escapeLabelValue(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

function escapeHelp(help: string, isOpenMetrics: boolean): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isOpenMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
