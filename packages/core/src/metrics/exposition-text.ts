import type { MetricSnapshot, MetricValue, SnapshotLabels } from '../instruments/metric-snapshot.js';

type Exemplar = NonNullable<MetricValue['exemplar']>;

/** Labels as they stand between braces; `''` for none. */
export function labelText(
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

export function joinLabels(a: string, b: string): string {
  return a === '' ? b : b === '' ? a : `${a},${b}`;
}

/** OpenMetrics wants bounds as floats: `1.0`, not `1`. */
function canonicalFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : numberText(value);
}

export function numberText(value: number): string {
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

/** The two lines before the samples of a metric. */
export function headText(
  metric: Pick<MetricSnapshot, 'name' | 'help' | 'type'>,
  isOpenMetrics: boolean,
): string {
  const type = !isOpenMetrics && metric.type === 'info' ? 'gauge' : metric.type;
  const family = familyName(metric, isOpenMetrics);
  return `# HELP ${family} ${escapeHelp(metric.help, isOpenMetrics)}\n# TYPE ${family} ${type}\n`;
}

/** OpenMetrics names the family of a counter or an info without the suffix that its samples must have. */
export function familyName({ name, type }: Pick<MetricSnapshot, 'name' | 'type'>, isOpenMetrics: boolean) {
  if (!isOpenMetrics) return name;
  if (type === 'counter') return name.replace(/_total$/, '');
  return type === 'info' ? name.replace(/_info$/, '') : name;
}

/** What follows the value in a line of OpenMetrics. */
export function exemplarText({ labelSet, value, timestamp }: Exemplar): string {
  return ` # {${labelText({ ...labelSet }, () => false)}} ${numberText(value)} ${timestamp}`;
}
