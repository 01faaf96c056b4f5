import type { Attributes, Meter, MeterProvider } from '@opentelemetry/api';
import {
  DataPointType,
  type Histogram,
  type IAttributesProcessor,
  InstrumentType,
  type MetricData,
  MetricReader,
  type ScopeMetrics,
  type MeterProvider as SdkMeterProvider,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { currentSdkMetrics } from '../export/current-sdk-metrics.js';
import { durationBuckets } from '../instruments/duration-buckets.js';
import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { boundedAttributes } from './bounded-attributes.js';
import type { FurtherMetrics } from './collect.js';
import type { ContractedMetrics } from './contract-enforcement.js';
import { prometheusLabels, prometheusMetricName } from './prometheus-names.js';
import { joinSeries } from './series-join.js';

/** Metrics made through the OpenTelemetry API, by the service or by stock instrumentations. */
export interface OtelMetrics {
  readonly provider: MeterProvider;
  /**
   * Their current values, under the names that Prometheus gives them. Callbacks that take longer are left out.
   *
   * @returns undefined while there are no such metrics
   */
  collect(timeoutMillis: number): Promise<FurtherMetrics> | undefined;
  /** The same at once, for the end of the process; what callbacks would observe is left out. */
  collectNow(): readonly MetricSnapshot[];
  /** Pushes once, if metrics are pushed. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The SDK's meter provider comes into being with the first meter: most services have none. Where metrics are
 * pushed it is there from the start, because the push goes through one of its readers.
 */
export function createOtelMetrics(
  createProvider: (readers: MetricReader[], views: ViewOptions[]) => SdkMeterProvider,
  push: MetricReader | undefined,
  contract: ContractedMetrics,
): OtelMetrics {
  let reader: ScrapeReader | undefined;
  let provider: SdkMeterProvider | undefined;
  const start = () => {
    reader = new ScrapeReader();
    return createProvider(push ? [reader, push] : [reader], views(contract));
  };
  if (push) provider = start();
  return {
    provider: {
      getMeter(name, version, options) {
        provider ??= start();
        return withBoundsInSeconds(provider.getMeter(name, version, options));
      },
    },
    collect: (timeoutMillis) => (reader ? collectFrom(reader, timeoutMillis) : undefined),
    collectNow: () => (reader ? joinSeries(snapshotsOf(currentSdkMetrics(reader))) : []),
    async flush() {
      if (push) await provider?.forceFlush();
    },
    async stop() {
      await provider?.shutdown();
    },
  };
}

async function collectFrom(reader: ScrapeReader, timeoutMillis: number): Promise<FurtherMetrics> {
  const { resourceMetrics, errors } = await reader.collect({ timeoutMillis });
  return { metrics: joinSeries(snapshotsOf(resourceMetrics.scopeMetrics)), errors };
}

function snapshotsOf(scopes: readonly ScopeMetrics[]) {
  return scopes.flatMap(({ scope, metrics }) =>
    metrics.flatMap((metric) => {
      const snapshot = toSnapshot(metric);
      return snapshot ? [{ scope: scope.name, snapshot }] : [];
    }),
  );
}

const adviseBounds = new WeakSet<Meter>();

/** The SDK's bounds suit milliseconds; a histogram in seconds that brings none gets those of durations in seconds. */
function withBoundsInSeconds(meter: Meter): Meter {
  if (adviseBounds.has(meter)) return meter;
  adviseBounds.add(meter);
  const { createHistogram } = meter;
  meter.createHistogram = (name, options) =>
    createHistogram.call(
      meter,
      name,
      options?.unit === 's' && !options.advice?.explicitBucketBoundaries
        ? { ...options, advice: { ...options.advice, explicitBucketBoundaries: [...durationBuckets] } }
        : options,
    ) as never;
  return meter;
}

/** Of observed values the SDK would keep the last of several series instead of their sum; the scrape joins those. */
const recordedTypes = [
  InstrumentType.COUNTER,
  InstrumentType.UP_DOWN_COUNTER,
  InstrumentType.GAUGE,
  InstrumentType.HISTOGRAM,
];

/** What becomes of attributes as values are recorded. */
function views(contract: ContractedMetrics): ViewOptions[] {
  const bounded = boundedAttributes();
  const attributesProcessors = contract.hasLabelRules ? [withoutDropped(contract), bounded] : [bounded];
  return recordedTypes.map((instrumentType) => ({ instrumentType, attributesProcessors }));
}

/** Attributes that may be no labels are dropped first: then the SDK joins the series itself. */
function withoutDropped(contract: ContractedMetrics): IAttributesProcessor {
  return {
    process(attributes) {
      let kept: Attributes | undefined;
      for (const name of Object.keys(attributes)) {
        if (contract.takesAttribute(name)) continue;
        kept ??= { ...attributes };
        delete kept[name];
      }
      return kept ?? attributes;
    },
  };
}

/** Collects when it is asked, at the scrape, and never by itself. */
class ScrapeReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus */
function toSnapshot(metric: MetricData): MetricSnapshot | undefined {
  const { descriptor } = metric;
  const help = descriptor.description || `Recorded through the OpenTelemetry API as ${descriptor.name}.`;
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE: {
      const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
      const type = isCounter ? 'counter' : 'gauge';
      return {
        name: prometheusMetricName(descriptor.name, descriptor.unit, type),
        help,
        type,
        isSum: metric.dataPointType === DataPointType.SUM,
        values: metric.dataPoints.map(({ attributes, value }) => ({
          labels: prometheusLabels(attributes),
          value,
        })),
      };
    }
    case DataPointType.HISTOGRAM: {
      const name = prometheusMetricName(descriptor.name, descriptor.unit, 'histogram');
      return {
        name,
        help,
        type: 'histogram',
        values: metric.dataPoints.flatMap(({ attributes, value }) =>
          histogramValues(name, prometheusLabels(attributes), value),
        ),
      };
    }
    default:
      // Exponential histograms have no form in the text formats; a view that asks for them goes another way.
      return undefined;
  }
}

function histogramValues(name: string, labels: Record<string, string>, value: Histogram): MetricValue[] {
  let cumulative = 0;
  const values: MetricValue[] = value.buckets.boundaries.map((bound, index) => {
    cumulative += value.buckets.counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: bound }, sharedLabels: labels, value: cumulative };
  });
  values.push({
    metricName: `${name}_bucket`,
    labels: { le: '+Inf' },
    sharedLabels: labels,
    value: value.count,
  });
  if (value.sum !== undefined) {
    values.push({ metricName: `${name}_sum`, sharedLabels: labels, value: value.sum });
  }
  values.push({ metricName: `${name}_count`, sharedLabels: labels, value: value.count });
  return values;
}
