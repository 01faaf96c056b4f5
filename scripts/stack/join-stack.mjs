import { build } from '../demo/workspace.mjs';
import { loadOrders, pushed, startOrders } from './orders.mjs';

const backends = ['PROMETHEUS_URL', 'LOKI_URL', 'TEMPO_URL'];

/** Whether the environment names a stack that runs already. @throws where it names a part of one */
export function isStackGiven(environment) {
  const given = backends.filter((name) => environment[name]);
  // A Loki of one's own is taken into a stack that is started.
  if (given.length === 0 || (given.length === 1 && environment.LOKI_URL)) return false;
  const missing = backends.filter((name) => !environment[name]);
  if (missing.length === 0) return true;
  throw new Error(`${given.join(', ')} without ${missing.join(', ')}: a running stack needs all three.`);
}

/**
 * Joins a stack that runs already, with the shop and its load: starts only the service of another team, which pushes
 * everything. Addresses that are not in the environment are those of compose.yaml.
 */
export async function joinStack({ processes, folder, say }) {
  await build(processes);
  const address = (name, byDefault) => (process.env[name] || byDefault).replace(/\/+$/, '');
  const urls = {
    prometheus: address('PROMETHEUS_URL'),
    loki: address('LOKI_URL'),
    tempo: address('TEMPO_URL'),
  };
  say(`  the stack at ${Object.values(urls).join(', ')}`);
  const variables = pushed(address('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318'));
  const orders = await Promise.all(
    ['production', 'load test'].map((environment) =>
      startOrders({ processes, folder, environment, variables }),
    ),
  );
  loadOrders(orders);
  return {
    urls,
    intakes: {
      zipkin: address('ZIPKIN_URL', 'http://127.0.0.1:9411'),
      jaeger: address('JAEGER_URL', 'http://127.0.0.1:14268'),
    },
    services: orders,
    // It scrapes every 15 seconds, and evaluates some rules every five minutes.
    patienceMillis: 10 * 60_000,
  };
}
