import { type OpenMetricsContentType, Registry } from 'prom-client';

/**
 * The registry of Throughline's own metrics. prom-client allows exemplars only in a registry that is declared
 * as OpenMetrics. The format that a scraper gets is still decided per scrape.
 */
export function createRegistry(): Registry {
  const registry: Registry<OpenMetricsContentType> = new Registry();
  // prom-client 14 and older, forced upon us by an override, has one kind of registry.
  registry.setContentType?.(Registry.OPENMETRICS_CONTENT_TYPE);
  const register = registry.registerMetric.bind(registry);
  registry.registerMetric = (metric) => {
    ignoreInheritedLabels(metric as object as LabelledMetric);
    register(metric);
  };
  return registry as unknown as Registry;
}

type LabelsOfMetric = Record<string, string | number>;
type MetricMethod = (...args: unknown[]) => unknown;
type LabelledMetric = { [name in (typeof methods)[number] | (typeof chosenLater)[number]]?: MetricMethod } & {
  labels?: MetricMethod;
  labelNames?: readonly string[];
};

const methods = ['inc', 'dec', 'set', 'observe', 'startTimer'] as const;
/** The constructors of prom-client make one of these `inc` or `observe`, after the metric is registered. */
const chosenLater = ['incWithoutExemplar', 'observeWithoutExemplar', 'observeWithExemplar'] as const;
const empty = {};

/**
 * prom-client treats members that a library has added to `Object.prototype` as labels, and throws: in the observer of garbage
 * collection, where it cannot be caught, in a scrape, and at the start.
 */
function ignoreInheritedLabels(metric: LabelledMetric): void {
  for (const name of [...methods, ...chosenLater]) {
    const original = metric[name];
    if (typeof original !== 'function') continue;
    metric[name] = function withoutInheritedLabels(...args) {
      const [first] = args;
      if (hasInherited()) {
        // prom-client's metric of active handles takes them for kinds of handles.
        if (name === 'set' && args.length > 1 && typeof args[1] !== 'number') return undefined;
        if (name === 'observeWithExemplar') {
          const { labels, ...rest } = first as { labels?: object };
          args[0] = { ...rest, labels: withoutPrototype(labels ?? {}) };
        } else if (typeof first === 'object' && first !== null) args[0] = withoutPrototype(first);
        else if (first === undefined) args[0] = withoutPrototype({});
        // A value without labels: prom-client makes an object for it, which inherits.
        else args.unshift(withoutPrototype({}));
      }
      return Reflect.apply(original, metric, args);
    };
  }
  const { labels, labelNames = [] } = metric;
  if (typeof labels !== 'function') return;
  metric.labels = (...args) => {
    if (!hasInherited()) return Reflect.apply(labels, metric, args);
    const [first] = args;
    const given =
      typeof first === 'object' && first !== null
        ? first
        : Object.fromEntries(labelNames.map((name, index) => [name, args[index] as string]));
    const bound = methods
      .filter((name) => typeof metric[name] === 'function')
      .map((name) => [name, (...rest: unknown[]) => metric[name]?.(given, ...rest)] as const);
    return Object.fromEntries(bound);
  };
}

function hasInherited(): boolean {
  for (const _name in empty) return true;
  return false;
}

function withoutPrototype(labels: object): LabelsOfMetric {
  return Object.assign(Object.create(null), labels);
}
