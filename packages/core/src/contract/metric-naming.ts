/*
 * How metrics are named, by Prometheus' documented conventions (https://prometheus.io/docs/practices/naming/) and
 * the checks that `promtool check metrics` makes of them.
 */

/** Names that existing dashboards use: from the OpenTelemetry conventions and prom-client's runtime metrics. */
const givenNames: ReadonlySet<string> = new Set([
  'db_client_connection_count',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]);

/** The base unit to use instead, by the last word of a name. */
const baseUnits: ReadonlyMap<string, string> = new Map(
  Object.entries({
    seconds:
      's sec secs second ms msec msecs millis millisecond milliseconds us usec micros microsecond microseconds ns nsec nanos nanosecond nanoseconds mins minute minutes h hour hours d day days',
    bytes:
      'b byte kb kib kilobyte kilobytes kibibytes mb mib megabyte megabytes mebibytes gb gib gigabyte gigabytes gibibytes tb tib terabytes tebibytes bit bits',
    ratio: 'percent percents percentage pct',
    celsius: 'fahrenheit kelvin',
    meters: 'meter km kilometers kilometres cm centimeters mm millimeters inches feet miles',
    grams: 'gram kg kilograms mg milligrams pounds',
    volts: 'volt mv millivolts kilovolts',
    amperes: 'ampere ma milliamperes',
    joules: 'joule kilojoules kwh',
  }).flatMap(([base, words]) => words.split(' ').map((word) => [word, base] as const)),
);

/** Words for a time, which need a unit. */
const durationWords: ReadonlySet<string> = new Set([
  'duration',
  'latency',
  'elapsed',
  'uptime',
  'delay',
  'time',
]);
const typeWords: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);
const reservedSuffixes = ['_bucket', '_sum', '_count'] as const;

/**
 * The problems of a metric's name. Each is a predicate that also says how to fix the name.
 *
 * @param type as in `# TYPE`; an unknown type is only checked for the rules that apply to all types
 */
export function namingProblems(name: string, type: string): string[] {
  if (givenNames.has(name)) return [];
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    problems.push('is not in snake case (lower-case letters, digits, single underscores)');
  }
  const isTotal = /_total$/i.test(name);
  if (type === 'counter' && !isTotal) problems.push('is a counter and must end in _total');
  if (isTotal && (type === 'gauge' || type === 'histogram' || type === 'summary')) {
    problems.push(`ends in _total, which is for counters, but is a ${type}`);
  }
  if (type === 'counter' || type === 'gauge') {
    const suffix = reservedSuffixes.find((reserved) => name.endsWith(reserved));
    if (suffix) problems.push(`ends in ${suffix}, which is for the series of histograms and summaries`);
  }
  const words = name.toLowerCase().split('_');
  if (isTotal) words.pop();
  const last = words.at(-1) ?? '';
  const base = words.length > 1 ? baseUnits.get(last) : undefined;
  if (base !== undefined)
    problems.push(`is in '${last}' instead of the base unit ${base}: end it in _${base}`);
  if (durationWords.has(last)) problems.push(`is a time without a unit: end it in _${last}_seconds`);
  if (typeWords.has(last)) problems.push(`ends in the type of the metric, _${last}, which belongs to # TYPE`);
  return problems;
}

/** Whether a label is in snake case. */
export function isConventionalLabel(label: string): boolean {
  return /^_?[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(label);
}
