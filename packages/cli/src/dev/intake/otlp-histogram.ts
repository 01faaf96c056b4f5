import type { Attributes, Exemplar, HistogramPoint, Resource } from '../model/telemetry.js';
import { textAttribute } from './attributes.js';
import { millisOf } from './otlp-items.js';

/** A data point of a histogram as it was decoded. */
export interface RawHistogramPoint {
  attributes: Attributes;
  startNanos: bigint;
  timeNanos: bigint;
  bounds: readonly number[];
  counts: readonly number[];
  exemplars: readonly RawExemplar[];
}

export interface RawExemplar {
  value: number;
  timeNanos: bigint;
  traceId: string;
  spanId: string;
}

/** A data point of an exponential histogram as it was decoded. */
export interface RawExponentialPoint extends Omit<RawHistogramPoint, 'bounds' | 'counts'> {
  scale: number;
  zeroCount: number;
  offset: number;
  bucketCounts: readonly number[];
}

const deltaTemporality = 1;

export function histogramPoint(
  { name, unit, temporality }: { readonly name: string; readonly unit: string; readonly temporality: number },
  raw: RawHistogramPoint,
  { serviceName, attributes }: Resource,
): HistogramPoint {
  return {
    metric: prometheusName(name, unit),
    serviceName,
    labels: labelsOf(raw.attributes),
    timeMillis: millisOf(raw.timeNanos),
    startMillis: raw.startNanos > 0n ? millisOf(raw.startNanos) : undefined,
    bounds: raw.bounds,
    counts: raw.counts,
    exemplars: raw.exemplars.flatMap(({ traceId, spanId, value, timeNanos }): Exemplar[] =>
      /^[0-9a-f]{32}$/.test(traceId)
        ? [{ traceId, spanId: spanId || undefined, value, timeMillis: millisOf(timeNanos) }]
        : [],
    ),
    isDelta: temporality === deltaTemporality,
    instance: textAttribute(attributes, 'service.instance.id') ?? '',
  };
}

/**
 * An exponential histogram with explicit bounds. Bucket i of scale s goes up to 2^((i + 1) / 2^s).
 * https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export function explicitBuckets(raw: RawExponentialPoint): RawHistogramPoint {
  const base = 2 ** (2 ** -raw.scale);
  const bounds = [
    base ** raw.offset,
    ...raw.bucketCounts.map((_, index) => base ** (raw.offset + index + 1)),
  ];
  return { ...raw, bounds, counts: [raw.zeroCount, ...raw.bucketCounts, 0] };
}

const unitNames: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes' };

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus */
function prometheusName(name: string, unit: string): string {
  const base = name.replace(/[^a-zA-Z0-9_:]+/g, '_');
  const suffix = Object.hasOwn(unitNames, unit) ? unitNames[unit] : undefined;
  return suffix === undefined || base.endsWith(`_${suffix}`) ? base : `${base}_${suffix}`;
}

function labelsOf(attributes: Attributes): Record<string, string> {
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(attributes)) {
    labels[name.replace(/[^a-zA-Z0-9_]/g, '_')] =
      value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return labels;
}
