import type { ApplicationMetrics } from './application-metrics.js';
import type {
  CounterConfiguration,
  DeclareCounter,
  DeclareGauge,
  DeclareHistogram,
  GaugeConfiguration,
  HistogramConfiguration,
} from './metric-types.js';

/**
 * The functions that declare metrics. They are not arrow functions, because prom-client's classes are called with
 * `new`. A function that is called with `new` still returns its object.
 *
 * @param metrics asked at each declaration
 */
export function metricDeclarations(metrics: () => ApplicationMetrics): {
  readonly counter: DeclareCounter;
  readonly gauge: DeclareGauge;
  readonly histogram: DeclareHistogram;
} {
  function counter(configuration: CounterConfiguration) {
    return metrics().counter(configuration);
  }
  function gauge(configuration: GaugeConfiguration) {
    return metrics().gauge(configuration);
  }
  function histogram(configuration: HistogramConfiguration) {
    return metrics().histogram(configuration);
  }
  return {
    counter: counter as unknown as DeclareCounter,
    gauge: gauge as unknown as DeclareGauge,
    histogram: histogram as unknown as DeclareHistogram,
  };
}
