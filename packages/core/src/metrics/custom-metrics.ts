import { context, trace } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../http/http-metrics.js';
import { type ExemplarLabels, exemplarOfSpan } from '../instruments/exemplar.js';
import type { MetricSettings } from '../instruments/instruments.js';
import { checkBuckets, checkDeclaration, invalidMetric } from '../instruments/metric-declaration.js';
import { SeriesCounter } from '../instruments/series-counter.js';
import { SeriesGauge } from '../instruments/series-gauge.js';
import { SeriesHistogram } from '../instruments/series-histogram.js';
import type { LabelValues, SeriesLimits } from '../instruments/series-limit.js';
import { registerMetric } from '../instruments/series-metric.js';
import { ObservabilityError } from '../model/errors.js';
import { quoted } from '../options/option.js';
import type { ContractedMetrics } from './contract-enforcement.js';
import { type Aggregator, aggregators } from './exposition.js';

/** Labels of a metric: exactly the declared names. Numbers and booleans become text. */
export type Labels<L extends string> = Readonly<Record<L, string | number | boolean>>;

/** Without declared names there is nothing to pass; with them, all must be. */
type LabelArguments<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];

export interface MetricOptions<L extends string = never> {
  /** Prometheus name with its base unit, for example `order_value_euros` or `jobs_total`. */
  readonly name: string;
  /** One sentence for the person who finds the metric. */
  readonly help: string;
  /** Names of the labels; the compiler then wants exactly these. Default: none. */
  readonly labelNames?: readonly L[];
}

export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  /** Upper bounds, ascending. Default: those of HTTP durations, 5 ms to 10 s. */
  readonly buckets?: readonly number[];
}

export interface GaugeOptions<L extends string = never> extends MetricOptions<L> {
  /**
   * Asked at every scrape instead of being set: a value, or values with their labels. What it throws costs only
   * this metric's samples, and so does taking longer than five seconds.
   */
  readonly observe?: () => ObservedValues<L> | Promise<ObservedValues<L>>;
  /**
   * How the values of several processes (`cluster`, `worker_threads`) become one: prom-client's words, and `each`,
   * which keeps them apart by a label `worker`. Default: `sum`.
   */
  readonly aggregator?: Aggregator;
}

/** One value, or values with their labels. */
export type ObservedValues<L extends string = never> =
  | number
  | readonly { readonly labels: Labels<L>; readonly value: number }[];

/** Only goes up. Its name ends in `_total`. */
export interface Counter<L extends string = never> {
  /** Adds one. Carries the active trace as exemplar. */
  increment(...labels: LabelArguments<L>): void;
  /** Adds a number that is not negative. */
  add(value: number, ...labels: LabelArguments<L>): void;
}

export interface Gauge<L extends string = never> {
  set(value: number, ...labels: LabelArguments<L>): void;
  /** Adds a number, which may be negative. */
  add(value: number, ...labels: LabelArguments<L>): void;
}

export interface Histogram<L extends string = never> {
  /** Records a value, with the active trace as exemplar. */
  observe(value: number, ...labels: LabelArguments<L>): void;
  /**
   * Starts a timer.
   *
   * @returns records the seconds since, and returns them
   */
  startTimer(): (...labels: LabelArguments<L>) => number;
}

/** Functions that declare metrics; the exported `counter`, `gauge` and `histogram` are these. */
export type DeclareCounter = <const L extends string = never>(options: MetricOptions<L>) => Counter<L>;
export type DeclareGauge = <const L extends string = never>(options: GaugeOptions<L>) => Gauge<L>;
export type DeclareHistogram = <const L extends string = never>(options: HistogramOptions<L>) => Histogram<L>;

/** What the service's own metrics take from the instance around them; it may start later, or never. */
export interface CustomMetricSettings extends Omit<MetricSettings, 'contract'> {
  readonly rejected: (metric: string, reason: string) => void;
  readonly contract: Pick<ContractedMetrics, 'drops' | 'declared'>;
}

const settingsBeforeInit: CustomMetricSettings = {
  maxSeriesPerMetric: 2_000,
  exemplars: true,
  overflowed() {},
  rejected() {},
  contract: { drops: () => false, declared() {} },
};

interface Declared {
  readonly kind: string;
  readonly labelNames: readonly string[];
  /** Those that the contract leaves; the other labels of a value are not taken. */
  keptLabels: readonly string[];
  readonly metric: unknown;
}

/** The service's own metrics: `counter()`, `gauge()` and `histogram()`. They outlive an instance. */
export class CustomMetrics {
  private readonly declared = new Map<string, Declared>();
  private settings = settingsBeforeInit;
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
  connect(settings: CustomMetricSettings | undefined): void {
    this.settings = settings ?? settingsBeforeInit;
    for (const declared of this.declared.values()) declared.keptLabels = this.keptLabels(declared.labelNames);
  }

  counter<L extends string>(options: MetricOptions<L>): Counter<L> {
    return this.declare('counter', options, (labelNames, labelsOf) => {
      if (!options.name.endsWith('_total')) {
        throw invalidMetric(`Counter '${options.name}' must have a name that ends in _total.`);
      }
      const counter = new SeriesCounter({ ...options, labelNames }, this.limits);
      registerMetric(this.registry, counter);
      const add = (value: number, labels?: Labels<L>) => {
        // Also text, which would be appended instead of added.
        if (!Number.isFinite(value) || value < 0) {
          this.settings.rejected(options.name, `a counter takes no ${shown(value)}`);
          return;
        }
        counter.add(labelsOf(labels), value, this.exemplar());
      };
      return {
        increment: (...[labels]: Labels<L>[]) => add(1, labels),
        add: (value: number, ...[labels]: Labels<L>[]) => add(value, labels),
      } as Counter<L>;
    });
  }

  gauge<L extends string>(options: GaugeOptions<L>): Gauge<L> {
    return this.declare('gauge', options, (labelNames, labelsOf) => {
      const { observe, aggregator } = options;
      if (aggregator !== undefined && !aggregators.includes(aggregator)) {
        throw invalidMetric(
          `Gauge '${options.name}' has an unknown aggregator '${String(aggregator)}'; it takes ${quoted(aggregators)}.`,
        );
      }
      if (observe !== undefined && typeof observe !== 'function') {
        throw invalidMetric(`observe of gauge '${options.name}' must be a function.`);
      }
      const finite = (value: number) => {
        if (Number.isFinite(value)) return true;
        this.settings.rejected(options.name, `a gauge takes no ${shown(value)}`);
        return false;
      };
      const set = (value: number, labels?: Labels<L>) => {
        if (finite(value)) gauge.set(labelsOf(labels), value);
      };
      const collect = async () => {
        const observed = await observe?.();
        if (typeof observed !== 'number' && !Array.isArray(observed)) {
          throw new TypeError('observe() must give a number, or a list of values with their labels');
        }
        gauge.reset();
        if (typeof observed === 'number') set(observed);
        else for (const { labels, value } of observed) set(value, labels);
      };
      const gauge: SeriesGauge = new SeriesGauge(
        { ...options, labelNames, collect: observe ? collect : undefined },
        this.limits,
      );
      registerMetric(this.registry, gauge);
      return {
        set: (value: number, ...[labels]: Labels<L>[]) => set(value, labels),
        add: (value: number, ...[labels]: Labels<L>[]) => {
          if (finite(value)) gauge.add(labelsOf(labels), value);
        },
      } as Gauge<L>;
    });
  }

  histogram<L extends string>(options: HistogramOptions<L>): Histogram<L> {
    return this.declare('histogram', options, (labelNames, labelsOf) => {
      const { buckets = durationBuckets } = options;
      checkBuckets(options.name, buckets);
      const histogram = new SeriesHistogram({ ...options, labelNames, buckets }, this.limits);
      registerMetric(this.registry, histogram);
      const observe = (value: number, labels?: Labels<L>) => {
        if (!Number.isFinite(value)) {
          this.settings.rejected(options.name, `a histogram takes no ${shown(value)}`);
          return;
        }
        histogram.observe(labelsOf(labels), value, this.exemplar());
      };
      return {
        observe: (value: number, ...[labels]: Labels<L>[]) => observe(value, labels),
        startTimer: () => {
          const startMillis = performance.now();
          return (...[labels]: Labels<L>[]) => {
            const seconds = (performance.now() - startMillis) / 1000;
            observe(seconds, labels);
            return seconds;
          };
        },
      } as Histogram<L>;
    });
  }

  /** The same metric again is the same object, for modules that are evaluated twice; another one of its name is an error. */
  private declare<M>(
    kind: string,
    options: MetricOptions<string>,
    create: (labelNames: readonly string[], labelsOf: (given: LabelsGiven) => LabelValues) => M,
  ): M {
    checkDeclaration(options);
    const { name, labelNames = [] } = options;
    const existing = this.declared.get(name);
    if (existing) {
      if (existing.kind === kind && String(existing.labelNames) === String(labelNames))
        return existing.metric as M;
      throw new ObservabilityError(
        'OBS_METRIC_CONFLICT',
        `Metric '${name}' exists already as a ${existing.kind} with the labels [${existing.labelNames.join(', ')}]; it was declared again as a ${kind} with [${labelNames.join(', ')}].`,
      );
    }
    const declared: Omit<Declared, 'metric'> = { kind, labelNames, keptLabels: this.keptLabels(labelNames) };
    const metric = create(labelNames, (labels) => declaredLabels(declared.keptLabels, labels));
    this.declared.set(name, Object.assign(declared, { metric }));
    this.settings.contract.declared({ name, type: kind, labelNames });
    return metric;
  }

  private keptLabels(labelNames: readonly string[]): readonly string[] {
    return labelNames.filter((label) => !this.settings.contract.drops(label));
  }

  private exemplar(): ExemplarLabels | undefined {
    return this.settings.exemplars ? exemplarOfSpan(trace.getSpan(context.active())) : undefined;
  }
}

type LabelsGiven = Readonly<Record<string, string | number | boolean>> | undefined;

/** As text, and the declared ones only: a caller without the compiler's help must not get an exception here. */
function declaredLabels(names: readonly string[], given: LabelsGiven): LabelValues {
  const labels: LabelValues = {};
  for (const name of names) {
    const value = given?.[name];
    if (value !== undefined) labels[name] = typeof value === 'string' ? value : textOf(value);
  }
  return labels;
}

/** An object without a prototype, as query strings are parsed into, has no text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `[${typeof value}]`;
  }
}

/** A value for a person who wonders what is wrong with 7 when it is '7'. */
function shown(value: unknown): string {
  return typeof value === 'number' || value === undefined
    ? String(value)
    : `${typeof value} ${textOf(value)}`;
}
