import { type OpenMetricsContentType, Registry } from 'prom-client';

/**
 * The registry of Throughline's own metrics. prom-client allows exemplars only in a registry that is declared
 * as OpenMetrics; which format a scraper gets is decided per scrape all the same.
 */
export function createRegistry(): Registry {
  const registry: Registry<OpenMetricsContentType> = new Registry();
  // prom-client 14 and older, forced upon us by an override, has one kind of registry.
  registry.setContentType?.(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry as unknown as Registry;
}
