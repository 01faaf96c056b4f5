import { startRabbitmq } from '../../testbed/src/rabbitmq.mjs';
import { startRedis } from '../../testbed/src/redis.mjs';
import { build } from '../demo/workspace.mjs';
import { startFrameworkServices } from './framework-services.mjs';
import { loadOrders, pushed, startOrders } from './orders.mjs';
import { startQueueServices } from './queue-services.mjs';
import { packagesOfServices } from './stack-service.mjs';

const backends = ['STACK_PROMETHEUS_URL', 'STACK_LOKI_URL', 'STACK_TEMPO_URL'];

/**
 * Whether the environment names a stack that is already running. A Tempo or a Loki alone is queried in addition to a stack that is
 * started.
 *
 * @throws where it names Prometheus without the others
 */
export function isStackGiven(environment) {
  if (!environment.STACK_PROMETHEUS_URL) return false;
  const missing = backends.filter((name) => !environment[name]);
  if (missing.length === 0) return true;
  throw new Error(`STACK_PROMETHEUS_URL without ${missing.join(' and ')}: a running stack needs all three.`);
}

/**
 * Joins a stack that runs already, with the shop and its load: starts only the service of another team, which pushes
 * everything. Addresses that are not in the environment are those of compose.yaml.
 */
export async function joinStack({ processes, folder, say }) {
  await build(processes, packagesOfServices);
  const address = (name, byDefault) => (process.env[name] || byDefault).replace(/\/+$/, '');
  const urls = {
    prometheus: address('STACK_PROMETHEUS_URL'),
    loki: address('STACK_LOKI_URL'),
    tempo: address('STACK_TEMPO_URL'),
  };
  say(`  the stack at ${Object.values(urls).join(', ')}`);
  const variables = pushed(address('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318'));
  const orders = await Promise.all(
    ['production', 'load test'].map((environment) =>
      startOrders({ processes, folder, environment, variables }),
    ),
  );
  const onFrameworks = await startFrameworkServices({ processes, folder, variables });
  const [redis, rabbitmq] = await Promise.all([
    startRedis({ processes, folder }),
    startRabbitmq({ processes, folder }),
  ]);
  const hasQueues = redis !== undefined && rabbitmq !== undefined;
  if (!hasQueues) say('  queues are off: there is no Redis or no RabbitMQ');
  const onQueues = hasQueues
    ? [
        await startQueueServices({
          ...{ processes, folder },
          variables: { ...variables, REDIS_URL: redis.url, RABBITMQ_URL: rabbitmq.url },
        }),
      ]
    : [];
  loadOrders([...orders, ...onFrameworks, ...onQueues]);
  return {
    urls,
    hasQueues,
    intakes: {
      zipkin: address('STACK_ZIPKIN_URL', 'http://127.0.0.1:9411'),
      jaeger: address('STACK_JAEGER_URL', 'http://127.0.0.1:14268'),
    },
    services: orders,
    // It scrapes every 15 seconds, and evaluates some rules every five minutes.
    patienceMillis: 10 * 60_000,
  };
}
