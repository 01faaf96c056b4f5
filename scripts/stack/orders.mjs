import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts the service of another team, in an environment.
 *
 * @param variables its environment variables: where its telemetry goes
 */
export async function startOrders({ processes, folder, environment, variables }) {
  const script = fileURLToPath(new URL('another-service.mjs', import.meta.url));
  const service = processes.start(`orders (${environment})`, process.execPath, [script, environment], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_BSP_SCHEDULE_DELAY: '300',
      OTEL_BLRP_SCHEDULE_DELAY: '300',
      ...variables,
    },
    logFile: join(folder, `orders-${environment.replace(' ', '-')}.log`),
  });
  const port = await service.fromLine((line) => {
    if (!line.startsWith('{')) return undefined;
    const { message, port } = JSON.parse(line);
    return message === 'Listening.' ? port : undefined;
  });
  return { url: `http://127.0.0.1:${port}`, lines: service.lines };
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
