import type { Attributes, AttributeValue } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { redactAttribute } from '../redaction/attribute-redaction.js';
import { pushScope } from './otlp-points.js';
import { attributeLabel } from './prometheus-names.js';

/** A value that is not pushed, of the metric that has it. */
export type LeftOut = (metric: string, value: number) => void;

/**
 * Makes metrics fit to be pushed: the identity on the points of those that were made through the OpenTelemetry API,
 * as a scrape has it, and nothing that is not finite. OTLP/JSON as the SDK writes it has `null` for such a value, and
 * an intake may then refuse the whole request.
 *
 * @param leftOut is called for each value that is not pushed
 */
export function outgoingMetrics(
  metrics: ResourceMetrics,
  identity: Readonly<Record<string, string>>,
  leftOut: LeftOut,
): ResourceMetrics {
  return {
    ...metrics,
    scopeMetrics: metrics.scopeMetrics.map(({ scope, metrics: ofScope }) => ({
      scope,
      metrics: ofScope.flatMap((metric) => {
        const finite = finiteOnly(metric, leftOut);
        if (finite.dataPoints.length === 0) return [];
        return scope.name === pushScope.name ? finite : withIdentity(finite, identity);
      }),
    })),
  };
}

function finiteOnly(metric: MetricData, leftOut: LeftOut): MetricData {
  const isFiniteValue = (value: number) => {
    if (Number.isFinite(value)) return true;
    leftOut(metric.descriptor.name, value);
    return false;
  };
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE:
      return { ...metric, dataPoints: metric.dataPoints.filter(({ value }) => isFiniteValue(value)) };
    case DataPointType.HISTOGRAM:
      return {
        ...metric,
        dataPoints: metric.dataPoints.map((point) =>
          point.value.sum === undefined || isFiniteValue(point.value.sum) ? point : withoutSum(point),
        ),
      };
    default:
      return metric;
  }
}

/** One value that is not finite makes the sum and the extremes useless forever. The counts are still right. */
function withoutSum(point: DataPoint<Histogram>): DataPoint<Histogram> {
  const { buckets, count } = point.value;
  return { ...point, value: { buckets, count } };
}

function withIdentity(metric: MetricData, identity: Readonly<Record<string, string>>): MetricData {
  const described = <T>(point: DataPoint<T>): DataPoint<T> => {
    const attributes: Attributes = { ...identity };
    for (const [name, value] of Object.entries(point.attributes)) {
      // An intake refuses the whole request for a label without a name.
      if (name === '') continue;
      const label = attributeLabel(name, (taken) => Object.hasOwn(identity, taken));
      // A name that the intake translates alike is left as it is: other intakes keep the dots.
      attributes[/^(exported|key)_/.test(label) ? label : name] = redactAttribute(
        name,
        value,
      ) as AttributeValue;
    }
    return { ...point, attributes };
  };
  return {
    ...metric,
    dataPoints: (metric.dataPoints as DataPoint<unknown>[]).map(described),
  } as MetricData;
}
