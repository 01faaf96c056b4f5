import { CommandError } from '../command-line/errors.js';

/** A metric as a scraper reads it. */
export interface ExposedMetric {
  /** For a counter of OpenMetrics, with the suffix of its samples, which its family name does not have. */
  readonly name: string;
  /** As in `# TYPE`; `unknown` without one. */
  readonly type: string;
  readonly help: string | undefined;
  readonly samples: readonly ExposedSample[];
}

export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As written: milliseconds in the text format, seconds in OpenMetrics. */
  readonly timestamp: number | undefined;
  readonly exemplar: ExposedExemplar | undefined;
}

export interface ExposedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestampSeconds: number | undefined;
}

interface Family {
  type: string;
  help: string | undefined;
  samples: ExposedSample[];
}

const types = new Set([
  ...['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  ...['unknown', 'info', 'stateset', 'gaugehistogram'],
]);
const suffixesByType: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  info: ['_info'],
};

/**
 * Reads the answer to a scrape: Prometheus' text format 0.0.4, and OpenMetrics 1.0, which ends in `# EOF`.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 *
 * @throws CommandError `OBS_EXPOSITION_INVALID` with the number of the line that is in neither format
 */
export function parseExposition(text: string): ExposedMetric[] {
  const lines = text.split(/\r?\n/);
  const isOpenMetrics = /(^|\n)# EOF\s*$/.test(text);
  const families = new Map<string, Family>();
  const familyOf = (name: string) => {
    let family = families.get(name);
    if (!family) {
      family = { type: 'unknown', help: undefined, samples: [] };
      families.set(name, family);
    }
    return family;
  };
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const reader = new LineReader(line, index + 1);
    if (line.startsWith('#')) {
      readComment(reader, familyOf);
      return;
    }
    const sample = readSample(reader);
    familyOf(familyName(sample.name, families)).samples.push(sample);
  });
  return [...families]
    .filter(([, { samples }]) => samples.length > 0)
    .map(([name, family]) => ({
      name: isOpenMetrics && family.type === 'counter' && !name.endsWith('_total') ? `${name}_total` : name,
      ...family,
    }));
}

/** The family that was announced before the sample, and otherwise one of the sample's own name. */
function familyName(sample: string, families: ReadonlyMap<string, Family>): string {
  if (families.has(sample)) return sample;
  for (const [type, suffixes] of Object.entries(suffixesByType)) {
    const suffix = suffixes.find((ending) => sample.endsWith(ending));
    const family = suffix && sample.slice(0, -suffix.length);
    if (family && families.get(family)?.type === type) return family;
  }
  return sample;
}

/** `# HELP`, `# TYPE`, `# UNIT`, `# EOF`; every other comment is skipped. */
function readComment(reader: LineReader, familyOf: (name: string) => Family): void {
  const keyword = /^#[ \t]+(HELP|TYPE)[ \t]+/.exec(reader.line);
  if (!keyword) return;
  reader.at = keyword[0].length;
  const name = reader.metricName();
  reader.blanks();
  const rest = reader.line.slice(reader.at);
  if (keyword[1] === 'HELP') {
    familyOf(name).help = unescaped(rest);
    return;
  }
  const type = rest.trim();
  if (!types.has(type)) reader.fail(`'${type}' is not a type of metric`);
  familyOf(name).type = type === 'untyped' ? 'unknown' : type;
}

function readSample(reader: LineReader): ExposedSample {
  let labels: Record<string, string> = {};
  let name: string | undefined;
  if (reader.next() !== '{') name = reader.metricName();
  reader.blanks();
  if (reader.next() === '{') ({ labels, name } = reader.labelSet(name));
  if (name === undefined) reader.fail('a sample needs a name');
  reader.blanks();
  const value = reader.number();
  reader.blanks();
  let timestamp: number | undefined;
  if (reader.next() !== '' && reader.next() !== '#') {
    timestamp = reader.number();
    reader.blanks();
  }
  let exemplar: ExposedExemplar | undefined;
  if (reader.next() === '#') {
    reader.at++;
    reader.blanks();
    if (reader.next() !== '{') reader.fail("an exemplar starts with '{'");
    const { labels: exemplarLabels } = reader.labelSet(undefined);
    reader.blanks();
    const exemplarValue = reader.number();
    reader.blanks();
    const timestampSeconds = reader.next() === '' ? undefined : reader.number();
    exemplar = { labels: exemplarLabels, value: exemplarValue, timestampSeconds };
    reader.blanks();
  }
  if (reader.next() !== '') reader.fail(`'${reader.line.slice(reader.at)}' is more than a sample has`);
  return { name, labels, value, timestamp, exemplar };
}

/** One line, read from left to right. */
class LineReader {
  at = 0;

  constructor(
    readonly line: string,
    private readonly lineNumber: number,
  ) {}

  fail(reason: string): never {
    throw new CommandError(
      'OBS_EXPOSITION_INVALID',
      `Line ${this.lineNumber} cannot be read: ${reason} (${this.line.slice(0, 80)}).`,
    );
  }

  next(): string {
    return this.line[this.at] ?? '';
  }

  blanks(): void {
    while (this.next() === ' ' || this.next() === '\t') this.at++;
  }

  metricName(): string {
    // Prometheus 3 quotes names with other characters.
    return this.next() === '"' ? this.quoted() : this.matched(/[a-zA-Z_:][a-zA-Z0-9_:]*/y, 'a metric name');
  }

  number(): number {
    const word = this.matched(/[^\s#]+/y, 'a number');
    const special = /^([+-]?)inf(inity)?$/i.exec(word);
    if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (/^[+-]?nan$/i.test(word)) return Number.NaN;
    const value = Number(word);
    if (Number.isNaN(value)) this.fail(`'${word}' is not a number`);
    return value;
  }

  /** `{a="b",c="d"}`, in which Prometheus 3 also puts a quoted name of the metric. */
  labelSet(name: string | undefined): { labels: Record<string, string>; name: string | undefined } {
    const labels: Record<string, string> = {};
    let found = name;
    this.at++;
    for (;;) {
      this.blanks();
      if (this.next() === '}') break;
      const label =
        this.next() === '"' ? this.quoted() : this.matched(/[a-zA-Z_][a-zA-Z0-9_]*/y, 'a label name');
      this.blanks();
      if (this.next() === '=') {
        this.at++;
        this.blanks();
        if (this.next() !== '"') this.fail(`the value of label '${label}' is not quoted`);
        if (Object.hasOwn(labels, label)) this.fail(`label '${label}' is there twice`);
        labels[label] = this.quoted();
      } else if (found === undefined) {
        found = label;
      } else {
        this.fail(`label '${label}' has no value`);
      }
      this.blanks();
      if (this.next() === ',') this.at++;
      else if (this.next() !== '}') this.fail("a label ends with ',' or '}'");
    }
    this.at++;
    return { labels, name: found };
  }

  private quoted(): string {
    const text = this.matched(/"(?:[^"\\]|\\.)*"/y, 'a quoted text that ends');
    return unescaped(text.slice(1, -1));
  }

  private matched(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.line);
    if (!match) this.fail(`${what} is missing at column ${this.at + 1}`);
    this.at += match[0].length;
    return match[0];
  }
}

function unescaped(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    : text;
}
