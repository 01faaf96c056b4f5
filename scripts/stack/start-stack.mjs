import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertmanagerHint, startAlertmanager } from '../../testbed/src/alertmanager.mjs';
import { collectorHint, startCollector } from '../../testbed/src/collector.mjs';
import { jaegerHint, startJaeger } from '../../testbed/src/jaeger.mjs';
import { kafkaHint, startKafka } from '../../testbed/src/kafka.mjs';
import { startLoki } from '../../testbed/src/loki.mjs';
import { anyFreePort } from '../../testbed/src/ports.mjs';
import { startPostgres } from '../../testbed/src/postgres.mjs';
import { prometheusHint, startPrometheus } from '../../testbed/src/prometheus.mjs';
import { rabbitmqHint, startRabbitmq } from '../../testbed/src/rabbitmq.mjs';
import { redisHint, startRedis } from '../../testbed/src/redis.mjs';
import { startTempo } from '../../testbed/src/tempo.mjs';
import { startVictoriaLogs, victoriaLogsHint } from '../../testbed/src/victorialogs.mjs';
import { startService } from '../demo/services.mjs';
import { build } from '../demo/workspace.mjs';
import {
  alertmanagerConfig,
  collectorConfig,
  intakesOfTempo,
  lokiConfig,
  prometheusConfig,
  stack,
  tempoConfig,
} from './configuration.mjs';
import { startFrameworkServices } from './framework-services.mjs';
import { startLoad } from './load/start-load.mjs';
import { loadOrders, pushed, startOrders } from './orders.mjs';
import { startPager } from './pager.mjs';
import { startQueueServices } from './queue-services.mjs';
import { packagesOfServices } from './stack-service.mjs';

/** A real part that is not to be had on this machine. */
export class MissingPart extends Error {}

/**
 * Starts the backends with the stack's own configuration, the shop with its database, cache and broker, a service of
 * another team, and load on all of them.
 *
 * @param say gets lines for people
 */
export async function startStack({ processes, folder, say }) {
  await build(processes, packagesOfServices);
  const ports = {};
  for (const backend of ['prometheus', 'alertmanager', 'victorialogs', 'jaeger', 'collector']) {
    ports[backend] = await anyFreePort();
  }
  for (const service of ['gateway', 'product', 'views', 'orders']) ports[service] = await anyFreePort();
  const local = (name) => `127.0.0.1:${ports[name]}`;
  const addresses = {
    'gateway:9464': local('gateway'),
    'product:9464': local('product'),
    'views:9464': local('views'),
    'localhost:9090': local('prometheus'),
    'prometheus:9090': local('prometheus'),
    'alertmanager:9093': local('alertmanager'),
    // Both have metrics of themselves where Loki and Tempo have them.
    'loki:3100': local('victorialogs'),
    'tempo:3200': local('jaeger'),
    'collector:8888': local('collector'),
  };
  const adapted = (name, { config, differences }) => {
    say(`  ${name}: the stack's configuration${differences.map((difference) => `; ${difference}`).join('')}`);
    return config;
  };

  // What takes longest first; nothing of it needs another.
  const [kafka, victoriaLogs, loki, postgres, redis, rabbitmq] = await Promise.all([
    startKafka({ processes, folder }),
    startVictoriaLogs({ processes, folder, port: ports.victorialogs }),
    startLoki({
      ...{ processes, folder },
      config: (o) => JSON.stringify(adapted('Loki', lokiConfig(o))),
    }),
    startPostgres({ processes, folder }),
    startRedis({ processes, folder }),
    startRabbitmq({ processes, folder }),
  ]);
  const prometheus = await startPrometheus({
    ...{ processes, folder, port: ports.prometheus },
    config: adapted('Prometheus', prometheusConfig({ addresses, folder })),
    arguments: ['--web.enable-remote-write-receiver'],
    url: '',
  });
  const pager = await startPager();
  const alertmanager = await startAlertmanager({
    ...{ processes, folder, port: ports.alertmanager },
    config: adapted('Alertmanager', alertmanagerConfig({ pagerUrl: pager.url })),
  });
  const intakes = { zipkin: await anyFreePort(), jaeger: await anyFreePort() };
  const jaeger = await startJaeger({
    ...{ processes, folder, metricsPort: ports.jaeger },
    receivers: intakesOfTempo(intakes),
  });
  const tempo = await startTempo({
    ...{ processes, folder },
    config: (o) => adapted('Tempo', tempoConfig(o)),
  });
  for (const [part, name, hint] of [
    [kafka, 'Kafka', kafkaHint],
    [victoriaLogs, 'VictoriaLogs', victoriaLogsHint],
    [redis, 'Redis', redisHint],
    [rabbitmq, 'RabbitMQ', rabbitmqHint],
    [prometheus, 'Prometheus', prometheusHint],
    [alertmanager, 'Alertmanager', alertmanagerHint],
    [jaeger, 'Jaeger', jaegerHint],
  ]) {
    if (!part) throw new MissingPart(`${name} is off: ${hint}.`);
  }
  // The longest first: VictoriaLogs has its intake at another path than Loki.
  const behindCollector = {
    'http://loki:3100/otlp': victoriaLogs.otlpUrl,
    'tempo:4318': new URL(jaeger.otlpUrl).host,
    ...addresses,
  };
  const copies = { ...(tempo && { traces: tempo.otlpUrl }), ...(loki && { logs: `${loki.url}/otlp` }) };
  const collector = await startCollector({
    ...{ processes, folder, metricsPort: ports.collector },
    config: (o) => adapted('Collector', collectorConfig({ ...o, addresses: behindCollector, copies })),
  });
  if (!collector) throw new MissingPart(`The Collector is off: ${collectorHint}.`);

  const start = (name, environment, metricsPort = ports[name]) =>
    startService({
      ...{ processes, folder, name, port: 0, metricsPort, otlpUrl: collector.otlpUrl },
      environment,
    });
  const brokers = kafka.brokers.join(',');
  const product = await start('product', {
    POSTGRES_URL: postgres.url,
    REDIS_URL: redis.url,
    KAFKA_BROKERS: brokers,
  });
  const [views, gateway] = await Promise.all([
    start('views', { POSTGRES_URL: postgres.url, KAFKA_BROKERS: brokers }),
    start('gateway', { PRODUCT_URL: product.url }),
  ]);

  // A second member of its group: the first takes part in a rebalance.
  await start('views', { POSTGRES_URL: postgres.url, KAFKA_BROKERS: brokers }, 0);

  // A team adds its service in this way: a file in the folder `targets`.
  writeFileSync(
    join(folder, 'targets/orders.yaml'),
    JSON.stringify([{ targets: [`127.0.0.1:${ports.orders}`] }]),
  );
  const production = await startOrders({
    ...{ processes, folder, environment: 'production' },
    // Traces without the Collector, as with the profile `direct`. VictoriaLogs takes OTLP as protobuf only, so lines
    // go through the Collector; and Tempo, where there is one, gets its traces by it.
    variables: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${tempo ? collector.otlpUrl : jaeger.otlpUrl}/v1/traces`,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${collector.otlpUrl}/v1/logs`,
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(ports.orders),
    },
  });
  const loadTest = await startOrders({
    ...{ processes, folder, environment: 'load test' },
    // Pushes its metrics, through the Collector.
    variables: pushed(collector.otlpUrl),
  });

  const load = startLoad({
    ...{ folder, script: join(stack, 'load/shop.js') },
    environment: { GATEWAY_URL: gateway.url, CUSTOMERS: '2' },
  });
  const onFrameworks = await startFrameworkServices({
    ...{ processes, folder },
    variables: pushed(collector.otlpUrl),
  });
  const onQueues = await startQueueServices({
    ...{ processes, folder },
    variables: { ...pushed(collector.otlpUrl), REDIS_URL: redis.url, RABBITMQ_URL: rabbitmq.url },
  });
  loadOrders([production, loadTest, ...onFrameworks, onQueues]);
  return {
    load,
    urls: {
      prometheus: prometheus.url,
      jaeger: jaeger.url,
      victoriaLogs: victoriaLogs.url,
      tempo: tempo?.url,
      loki: loki?.url,
    },
    intakes: {
      zipkin: `http://127.0.0.1:${intakes.zipkin}`,
      jaeger: `http://127.0.0.1:${intakes.jaeger}`,
    },
    pager,
    hasQueues: true,
    services: [gateway, product, views],
    patienceMillis: 90_000,
  };
}
