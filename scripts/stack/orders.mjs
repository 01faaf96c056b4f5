import { startStackService } from './stack-service.mjs';

/**
 * Starts the service of another team, in an environment.
 *
 * @param variables its environment variables: where its telemetry goes
 */
export async function startOrders({ environment, ...settings }) {
  return await startStackService({
    ...settings,
    name: `orders (${environment})`,
    script: 'another-service.mjs',
    arguments: [environment],
  });
}

/** The variables that make it send everything to one OTLP intake, its metrics too. */
export function pushed(otlpUrl) {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '2000',
  };
}

/** A few requests a second, with an old trace header, until the process ends. */
export function loadOrders(services) {
  let turn = 0;
  setInterval(() => {
    turn++;
    for (const { url } of services) {
      const headers = { 'x-trace-id': `old-${turn}`, 'user-agent': 'till/1.0' };
      fetch(`${url}/orders/${turn}`, { headers }).then(
        (response) => response.arrayBuffer(),
        () => {},
      );
    }
  }, 250);
}
