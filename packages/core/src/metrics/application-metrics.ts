import { context, trace } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../instruments/duration-buckets.js';
import { exemplarOfSpan } from '../instruments/exemplar.js';
import type { MetricSettings } from '../instruments/instruments.js';
import { checkBuckets, checkDeclaration, invalidMetric } from '../instruments/metric-declaration.js';
import { aggregators } from '../instruments/metric-snapshot.js';
import { SeriesCounter } from '../instruments/series-counter.js';
import { SeriesGauge } from '../instruments/series-gauge.js';
import { SeriesHistogram } from '../instruments/series-histogram.js';
import type { SeriesLimits } from '../instruments/series-limit.js';
import { type MetricDescription, registerMetric } from '../instruments/series-metric.js';
import { ObservabilityError } from '../model/errors.js';
import { nearestName } from '../model/nearest-name.js';
import { quoted } from '../options/option.js';
import type { ContractedMetrics } from './contract-enforcement.js';
import { counterCalls, gaugeCalls, histogramCalls, type MetricCalls } from './metric-calls.js';
import { MetricLabels } from './metric-labels.js';
import type {
  Counter,
  CounterConfiguration,
  Gauge,
  GaugeConfiguration,
  Histogram,
  HistogramConfiguration,
} from './metric-types.js';
import { type MetricKind, wrongCallTraps } from './wrong-call.js';

/** What the service's own metrics take from the instance around them; it may start later, or never. */
export interface ApplicationMetricSettings extends Omit<MetricSettings, 'contract'> {
  /** A value was not recorded. */
  readonly rejected: (metric: string, reason: string) => void;
  /** A metric was called in a wrong way. Each kind of mistake is logged once per metric. */
  readonly misused: (metric: string, mistake: string, detail: () => string, isLost: boolean) => void;
  readonly contract: Pick<ContractedMetrics, 'drops' | 'declared'>;
}

type AnyConfiguration =
  | CounterConfiguration<string>
  | GaugeConfiguration<string>
  | HistogramConfiguration<string>;

/** A metric as prom-client's registries take it. */
type SeriesMetric = SeriesCounter | SeriesGauge | SeriesHistogram;

interface Declared {
  readonly kind: MetricKind;
  readonly labels: MetricLabels;
  readonly registries: readonly Registry[];
  readonly series: SeriesMetric;
  /** What the service holds. */
  readonly metric: unknown;
}

/** Complaints of calls before `initObservability` that are kept for it. */
const maxEarlyComplaints = 100;

/** The service's own metrics: `counter()`, `gauge()` and `histogram()`. They outlive an instance. */
export class ApplicationMetrics {
  private readonly declared = new Map<string, Declared[]>();
  private early: ((settings: ApplicationMetricSettings) => void)[] = [];
  private readonly settingsBeforeInit: ApplicationMetricSettings = {
    maxSeriesPerMetric: 2_000,
    exemplars: true,
    overflowed: (metric) => this.later((settings) => settings.overflowed(metric)),
    rejected: (metric, reason) => this.later((settings) => settings.rejected(metric, reason)),
    misused: (...misuse) => this.later((settings) => settings.misused(...misuse)),
    contract: { drops: () => false, declared() {} },
  };
  private settings = this.settingsBeforeInit;
  /** The limit is an option, and options come with the instance, after the first metrics. */
  private readonly limits: SeriesLimits;

  constructor(readonly registry: Registry) {
    const current = () => this.settings;
    this.limits = {
      get maxSeriesPerMetric() {
        return current().maxSeriesPerMetric;
      },
      overflowed: (metric) => current().overflowed(metric),
    };
  }

  /** An instance starts; `undefined`: it is over. */
  connect(settings: ApplicationMetricSettings | undefined): void {
    this.settings = settings ?? this.settingsBeforeInit;
    for (const { labels, series } of [...this.declared.values()].flat()) {
      labels.kept = this.keptLabels(labels.names);
      series.series.generation++;
    }
    if (!settings) return;
    for (const complain of this.early) complain(settings);
    this.early = [];
  }

  counter<L extends string>(configuration: CounterConfiguration<L>): Counter<L> {
    return this.declare('counter', configuration, (description, calls) => {
      if (!description.name.endsWith('_total')) {
        throw invalidMetric(`Counter '${description.name}' must have a name that ends in _total.`);
      }
      const series = new SeriesCounter(description, this.limits);
      return { series, calls: counterCalls(series, calls) };
    });
  }

  gauge<L extends string>(configuration: GaugeConfiguration<L>): Gauge<L> {
    return this.declare('gauge', configuration, (description, calls) => {
      const series = new SeriesGauge(description, this.limits);
      return { series, calls: gaugeCalls(series, calls) };
    });
  }

  histogram<L extends string>(configuration: HistogramConfiguration<L>): Histogram<L> {
    return this.declare('histogram', configuration, (description, calls) => {
      const { buckets = durationBuckets } = configuration;
      checkBuckets(description.name, buckets);
      const series = new SeriesHistogram({ ...description, buckets }, this.limits);
      return { series, calls: histogramCalls(series, calls) };
    });
  }

  /** The same metric again is the same object, for modules that are evaluated twice; another one of its name is an error. */
  private declare<M>(
    kind: MetricKind,
    configuration: AnyConfiguration,
    create: (description: MetricDescription, calls: MetricCalls) => { series: SeriesMetric; calls: object },
  ): M {
    checkDeclaration(configuration);
    checkConfiguration(kind, configuration);
    const { name, help, labelNames = [], aggregator, enableExemplars = false } = configuration;
    const registries = configuration.registers ?? [this.registry];
    const existing = this.existing(kind, name, labelNames, registries);
    if (existing) return existing.metric as M;

    const settings = () => this.settings;
    const misused: MetricCalls['misused'] = (mistake, detail, isLost) =>
      settings().misused(name, mistake, detail, isLost);
    const labels = new MetricLabels(labelNames, misused);
    labels.kept = this.keptLabels(labelNames);
    const collect = configuration.collect as ((this: unknown) => unknown) | undefined;
    const description = {
      name,
      help,
      labelNames,
      aggregator,
      collect: collect && (() => collect.call(metric)),
    };
    const { series, calls } = create(description, {
      labels,
      takesExemplars: enableExemplars,
      exemplar: () => (this.settings.exemplars ? exemplarOfSpan(trace.getSpan(context.active())) : undefined),
      rejected: (reason) => settings().rejected(name, reason),
      misused,
      drops: (label) => settings().contract.drops(label),
      maxSeries: () => settings().maxSeriesPerMetric,
    });
    const metric = {
      ...wrongCallTraps(kind, (mistake, detail) => misused(mistake, detail, true)),
      ...calls,
      get: () => series.get(),
    };
    for (const registry of registries) register(registry, series);
    this.declared.set(name, [
      ...(this.declared.get(name) ?? []),
      { kind, labels, registries, series, metric },
    ]);
    this.settings.contract.declared({ name, type: kind, labelNames });
    return metric as M;
  }

  /** @throws ObservabilityError `OBS_METRIC_CONFLICT` for another metric of the name in one of the registries */
  private existing(
    kind: MetricKind,
    name: string,
    labelNames: readonly string[],
    registries: readonly Registry[],
  ): Declared | undefined {
    for (const declared of this.declared.get(name) ?? []) {
      if (!declared.registries.some((registry) => registries.includes(registry))) continue;
      const { names } = declared.labels;
      if (declared.kind === kind && String(names) === String(labelNames)) {
        // A registry may have been cleared since.
        for (const registry of registries) {
          if (!registry.getSingleMetric(name)) register(registry, declared.series);
        }
        return declared;
      }
      throw new ObservabilityError(
        'OBS_METRIC_CONFLICT',
        `Metric '${name}' already exists as a ${declared.kind} with the labels [${names.join(', ')}]. It was declared again as a ${kind} with the labels [${labelNames.join(', ')}].`,
      );
    }
    return undefined;
  }

  private keptLabels(labelNames: readonly string[]): readonly string[] {
    return labelNames.filter((label) => !this.settings.contract.drops(label));
  }

  private later(complain: (settings: ApplicationMetricSettings) => void): void {
    if (this.early.length < maxEarlyComplaints) this.early.push(complain);
  }
}

const configurationNames = [
  'name',
  'help',
  'labelNames',
  'registers',
  'aggregator',
  'collect',
  'enableExemplars',
];

/** @throws ObservabilityError `OBS_METRIC_INVALID` */
function checkConfiguration(kind: MetricKind, configuration: AnyConfiguration): void {
  const { name, registers, aggregator, collect, enableExemplars } = configuration;
  const known = kind === 'histogram' ? [...configurationNames, 'buckets'] : configurationNames;
  for (const option of Object.keys(configuration)) {
    if (known.includes(option)) continue;
    const nearest = nearestName(option, known);
    const hint =
      option === 'observe'
        ? 'use collect() { this.set(value); }'
        : nearest === undefined
          ? `it takes ${known.join(', ')}`
          : `did you mean '${nearest}'?`;
    throw invalidMetric(
      `The ${kind} '${name}' was declared with the option '${option}', which does not exist; ${hint}${hint.endsWith('?') ? '' : '.'}`,
    );
  }
  if (aggregator !== undefined && !aggregators.includes(aggregator)) {
    throw invalidMetric(
      `Metric '${name}' has an unknown aggregator '${String(aggregator)}'; it takes ${quoted(aggregators)}.`,
    );
  }
  if (collect !== undefined && typeof collect !== 'function') {
    throw invalidMetric(`collect of metric '${name}' must be a function.`);
  }
  if (enableExemplars !== undefined && typeof enableExemplars !== 'boolean') {
    throw invalidMetric(`enableExemplars of metric '${name}' must be true or false.`);
  }
  const isRegistry = (value: unknown) => typeof (value as Registry | null)?.registerMetric === 'function';
  if (registers !== undefined && !(Array.isArray(registers) && registers.every(isRegistry))) {
    throw invalidMetric(`registers of metric '${name}' must be an array of prom-client registries.`);
  }
}

/** @throws ObservabilityError `OBS_METRIC_CONFLICT` where prom-client itself has another metric of the name */
function register(registry: Registry, metric: SeriesMetric): void {
  try {
    registerMetric(registry, metric);
  } catch (cause) {
    throw new ObservabilityError(
      'OBS_METRIC_CONFLICT',
      `Metric '${metric.name}' already exists in the same prom-client registry.`,
      { cause },
    );
  }
}
