import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { Identity } from '../model/identity.js';
import { prometheusLabelName } from './prometheus-names.js';

export const targetInfoName = 'target_info';

/**
 * `target_info`: all resource attributes as one series, as Prometheus makes it from OTLP.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 *
 * @param identityLabels are on every series in any case
 */
export function targetInfo(
  identity: Identity,
  identityLabels: Readonly<Record<string, string>>,
): MetricSnapshot {
  const labels: Record<string, string> = {};
  for (const [attribute, value] of Object.entries(identity.resourceAttributes)) {
    const name = prometheusLabelName(attribute);
    if (!Object.hasOwn(identityLabels, name)) labels[name] = value;
  }
  return {
    name: targetInfoName,
    help: 'Resource attributes of this process.',
    type: 'info',
    values: [{ labels, value: 1 }],
    // OpenMetrics wants one of a target; which process is which is in throughline_worker_info.
    aggregator: 'first',
  };
}
