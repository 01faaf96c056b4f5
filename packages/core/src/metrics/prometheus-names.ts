import type { Attributes } from '@opentelemetry/api';

/** Words for the units of UCUM that the conventions use. */
const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
};

const per: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * The Prometheus name of a metric of the OpenTelemetry API: `http.client.duration` in `ms` becomes
 * `http_client_duration_milliseconds`, a counter ends in `_total`.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function prometheusMetricName(
  name: string,
  unit: string,
  type: 'counter' | 'gauge' | 'histogram',
): string {
  let translated = name.replace(/[^a-zA-Z0-9_:]+/g, '_').replace(/^(\d)/, '_$1');
  const isTotal = translated.endsWith('_total');
  if (type === 'counter' && isTotal) translated = translated.slice(0, -'_total'.length);
  const suffix = unitSuffix(unit, type);
  if (suffix !== '' && !translated.endsWith(`_${suffix}`)) translated += `_${suffix}`;
  return type === 'counter' ? `${translated}_total` : translated;
}

export function prometheusLabelName(name: string): string {
  const translated = name.replace(/[^a-zA-Z0-9_]+/g, '_');
  // Two underscores in front are Prometheus' own: a label `__name__` would rename the series.
  return /^(\d|__)/.test(translated) ? `key_${translated}` : translated;
}

/** Labels that the text format itself puts on the parts of histograms and summaries. */
const formatLabels: ReadonlySet<string> = new Set(['le', 'quantile']);

/**
 * The label of an attribute of the OpenTelemetry API. A second `le` in a line would cost the whole scrape.
 *
 * @param isTaken labels that mean something else here
 */
export function attributeLabel(name: string, isTaken: (label: string) => boolean = () => false): string {
  const label = prometheusLabelName(name);
  return formatLabels.has(label) || isTaken(label) ? `exported_${label}` : label;
}

/**
 * The labels of a metric of the OpenTelemetry API. Attributes that become the same label are joined, as the
 * specification has it; a scope without a name is ignored.
 */
export function prometheusLabels(attributes: Attributes): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || name === '') continue;
    const label = attributeLabel(name);
    const text = Array.isArray(value) ? JSON.stringify(value) : String(value);
    labels[label] = Object.hasOwn(labels, label) ? `${labels[label]};${text}` : text;
  }
  return labels;
}

function unitSuffix(unit: string, type: string): string {
  // Annotations such as {request} are not units.
  const plain = unit.replace(/\{[^}]*\}/g, '').trim();
  if (plain === '1') return type === 'gauge' ? 'ratio' : '';
  const [counted = '', over] = plain.split('/');
  const words = (text: string) => text.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
  const main = units[counted] ?? words(counted);
  if (over === undefined || over === '') return main;
  const divisor = `per_${per[over] ?? words(over)}`;
  return main === '' ? divisor : `${main}_${divisor}`;
}
