import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { StoredExemplar } from '../instruments/series-metric.js';
import {
  SeriesSnapshot,
  type WritableHistogramSeries,
  type WritableSeries,
  type WritableValueSeries,
} from '../instruments/series-snapshot.js';
import { copyOf } from '../model/text-copy.js';
import { exemplarText, familyName, headText, labelText, numberText } from './exposition-text.js';
import type { LabelRedaction } from './redacted-labels.js';

/** Length of all texts that are kept, about 8,000 series. The others are made again for each answer. */
const maxKeptLength = 512 * 1_024;

/** What one answer may still keep. */
export interface KeptTexts {
  lengthLeft: number;
}

/** What is the same in all answers in one format. */
interface MetricTexts {
  readonly isHistogram: boolean;
  /** Whether the format has exemplars here: OpenMetrics has, on buckets and counters. */
  readonly hasExemplars: boolean;
  readonly linesPerSeries: number;
  /** The lines before all series. */
  readonly head: string;
  /** The begin of each line of a series, up to the labels of the series. */
  readonly starts: readonly string[];
  readonly sumStart: string;
  readonly countStart: string;
  readonly hasNegativeBounds: boolean;
}

class WrittenMetric {
  text: MetricTexts | undefined;
  openMetrics: MetricTexts | undefined;
  /** The series whose labels have been looked at: the list is the same until a series is added or removed. */
  admitted: readonly WritableSeries[] | undefined;
  constructor(readonly owner: object) {}
}

/**
 * Writes the series of Throughline's own metrics. Their labels are checked for secrets and put into text when a series
 * is new, not at every scrape. Scrapes are so rare that their code runs unoptimized for hours, and most of it would be
 * spent on labels.
 */
export class SeriesTexts {
  private readonly clashes: (name: string) => boolean;
  private readonly hasIdentity: boolean;
  /** What stands between the labels of a series and its value. */
  private readonly end: string;

  constructor(
    identity: Readonly<Record<string, string>>,
    private readonly redaction: LabelRedaction,
  ) {
    const identityText = labelText(identity, () => false);
    this.clashes = (name) => Object.hasOwn(identity, name);
    this.hasIdentity = identityText !== '';
    this.end = `${identityText}} `;
  }

  /** Whether it can write the metric: one of Throughline's own, without secrets in its labels. */
  admits(snapshot: MetricSnapshot): boolean {
    if (!(snapshot instanceof SeriesSnapshot) || !this.hasIdentity) return false;
    const { metric, series: all } = snapshot;
    let written = metric.written as WrittenMetric | undefined;
    if (written?.owner !== this) {
      // The texts are those of an earlier instance, which may have had another identity.
      for (const series of all) series.labelText = undefined;
      written = new WrittenMetric(this);
      metric.written = written;
    }
    if (written.admitted !== all) {
      for (const series of all) {
        if (series.labelText !== undefined) continue;
        if (!this.redaction.isClean(series.labels)) return false;
        series.labelText = '';
      }
      written.admitted = all;
    }
    snapshot.admittedBy = this;
    return true;
  }

  /** To be called for each answer. */
  startKeeping(): KeptTexts {
    return { lengthLeft: maxKeptLength };
  }

  /** Whether it writes the metric: one that it has admitted. */
  writes(snapshot: MetricSnapshot): snapshot is SeriesSnapshot {
    if (!(snapshot instanceof SeriesSnapshot) || snapshot.admittedBy !== this) return false;
    return (snapshot.metric.written as WrittenMetric).owner === this;
  }

  /** What is the same in all answers in the format. */
  textsOf(snapshot: SeriesSnapshot, isOpenMetrics: boolean): MetricTexts {
    const written = snapshot.metric.written as WrittenMetric;
    const format = isOpenMetrics ? 'openMetrics' : 'text';
    const texts = written[format] ?? metricTexts(snapshot, isOpenMetrics);
    written[format] = texts;
    return texts;
  }

  /** The lines of one series. */
  linesOf(series: WritableSeries, texts: MetricTexts, kept: KeptTexts): string {
    return texts.isHistogram
      ? this.histogramLines(series as WritableHistogramSeries, texts, kept)
      : this.valueLine(series as WritableValueSeries, texts, kept);
  }

  private valueLine(
    series: WritableValueSeries,
    { starts, hasExemplars }: MetricTexts,
    kept: KeptTexts,
  ): string {
    const line = starts[0] + this.labelsOf(series, kept) + numberText(series.value);
    const { exemplar } = series;
    return hasExemplars && exemplar ? `${line}${this.exemplarOf(exemplar)}\n` : `${line}\n`;
  }

  private histogramLines(
    series: WritableHistogramSeries,
    { starts, sumStart, countStart, hasExemplars, hasNegativeBounds }: MetricTexts,
    kept: KeptTexts,
  ): string {
    const { counts, exemplars, sum, count } = series;
    const labels = this.labelsOf(series, kept);
    let lines = '';
    let cumulative = 0;
    for (let bucket = 0; bucket < starts.length; bucket++) {
      cumulative += counts[bucket] as number;
      lines += starts[bucket] + labels + cumulative;
      const exemplar = hasExemplars ? exemplars[bucket] : undefined;
      if (exemplar) lines += this.exemplarOf(exemplar);
    }
    // OpenMetrics, which alone has exemplars, forbids a sum that can go down, and a count without a sum.
    if (hasExemplars && (hasNegativeBounds || !(sum >= 0))) return `${lines}\n`;
    return `${lines}${sumStart}${labels}${numberText(sum)}${countStart}${labels}${count}\n`;
  }

  /** The labels of a series with the identity, up to the value. */
  private labelsOf(series: WritableSeries, kept: KeptTexts): string {
    let text = series.labelText;
    if (!text) {
      text = labelText(series.labels, this.clashes);
      if (text === '') return this.end;
      text += ',';
      // Put together, it would keep its parts as well.
      if (text.length <= kept.lengthLeft) series.labelText = copyOf(text);
    } else if (text.length > kept.lengthLeft) series.labelText = '';
    kept.lengthLeft -= text.length;
    return text + this.end;
  }

  private exemplarOf(exemplar: StoredExemplar): string {
    return exemplarText(this.redaction.exemplarShown(exemplar));
  }
}

function metricTexts({ metric }: SeriesSnapshot, isOpenMetrics: boolean): MetricTexts {
  const head = headText(metric, isOpenMetrics);
  if (metric.type !== 'histogram') {
    const isCounter = metric.type === 'counter';
    const suffix = isOpenMetrics && isCounter ? '_total' : '';
    return {
      isHistogram: false,
      hasExemplars: isOpenMetrics && isCounter,
      linesPerSeries: 1,
      head,
      starts: [`${familyName(metric, isOpenMetrics)}${suffix}{`],
      sumStart: '',
      countStart: '',
      hasNegativeBounds: false,
    };
  }
  const { name, bounds } = metric;
  // All but the first end the line before: the fewer parts a text has, the faster they become one.
  const starts = [...bounds, '+Inf'].map(
    (le, bucket) =>
      `${bucket === 0 ? '' : '\n'}${name}_bucket{${labelText({ le }, () => false, isOpenMetrics)},`,
  );
  return {
    isHistogram: true,
    hasExemplars: isOpenMetrics,
    linesPerSeries: starts.length + 2,
    head,
    starts,
    sumStart: `\n${name}_sum{`,
    countStart: `\n${name}_count{`,
    hasNegativeBounds: (bounds[0] ?? 0) < 0,
  };
}
