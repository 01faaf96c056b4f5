import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService } from '../demo/services.mjs';
import { build } from '../demo/workspace.mjs';
import { alertmanagerHint, startAlertmanager } from '../parts/alertmanager.mjs';
import { collectorHint, startCollector } from '../parts/collector.mjs';
import { k6Hint, startK6 } from '../parts/k6.mjs';
import { kafkaHint, startKafka } from '../parts/kafka.mjs';
import { lokiHint, startLoki } from '../parts/loki.mjs';
import { anyFreePort } from '../parts/ports.mjs';
import { startPostgres } from '../parts/postgres.mjs';
import { prometheusHint, startPrometheus } from '../parts/prometheus.mjs';
import { redisHint, startRedis } from '../parts/redis.mjs';
import { startTempo, tempoHint } from '../parts/tempo.mjs';
import {
  alertmanagerConfig,
  collectorConfig,
  lokiConfig,
  prometheusConfig,
  stack,
  tempoConfig,
} from './configuration.mjs';
import { loadOrders, pushed, startOrders } from './orders.mjs';
import { startPager } from './pager.mjs';

/** A real part that is not to be had on this machine. */
export class MissingPart extends Error {}

/**
 * Starts the backends with the stack's own configuration, the shop with its database, cache and broker, a service of
 * another team, and load on all of them.
 *
 * @param say gets lines for people
 */
export async function startStack({ processes, folder, say }) {
  await build(processes);
  const ports = {};
  for (const backend of ['prometheus', 'alertmanager', 'loki', 'tempo', 'collector']) {
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
    'loki:3100': local('loki'),
    'tempo:3200': local('tempo'),
    'collector:8888': local('collector'),
  };
  const adapted = (name, { config, differences }) => {
    say(`  ${name}: the stack's configuration${differences.map((difference) => `; ${difference}`).join('')}`);
    return config;
  };

  // What takes longest first; nothing of it needs another.
  const [kafka, loki, postgres, redis] = await Promise.all([
    startKafka({ processes, folder }),
    startLoki({
      ...{ processes, folder, port: ports.loki },
      config: (o) => JSON.stringify(adapted('Loki', lokiConfig(o))),
    }),
    startPostgres({ processes, folder }),
    startRedis({ processes, folder }),
  ]);
  const prometheus = await startPrometheus({
    ...{ processes, folder, port: ports.prometheus },
    config: adapted('Prometheus', prometheusConfig({ addresses, folder })),
    arguments: ['--web.enable-remote-write-receiver'],
  });
  const pager = await startPager();
  const alertmanager = await startAlertmanager({
    ...{ processes, folder, port: ports.alertmanager },
    config: adapted('Alertmanager', alertmanagerConfig({ pagerUrl: pager.url })),
  });
  const intakes = { zipkin: await anyFreePort(), jaeger: await anyFreePort() };
  const tempo = await startTempo({
    ...{ processes, folder, port: ports.tempo },
    config: (o) => adapted('Tempo 1.5', tempoConfig({ ...o, addresses, intakes })),
  });
  for (const [part, name, hint] of [
    [kafka, 'Kafka', kafkaHint],
    [loki, 'Loki', lokiHint],
    [redis, 'Redis', redisHint],
    [prometheus, 'Prometheus', prometheusHint],
    [alertmanager, 'Alertmanager', alertmanagerHint],
    [tempo, 'Tempo', tempoHint],
  ]) {
    if (!part) throw new MissingPart(`${name} is off: ${hint}.`);
  }
  addresses['tempo:4318'] = new URL(tempo.otlpUrl).host;
  const collector = await startCollector({
    ...{ processes, folder, metricsPort: ports.collector },
    config: (o) => adapted('Collector 0.110', collectorConfig({ ...o, addresses })),
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

  // As a team adds a service of its own: a file in the folder `targets`.
  writeFileSync(
    join(folder, 'targets/orders.yaml'),
    JSON.stringify([{ targets: [`127.0.0.1:${ports.orders}`] }]),
  );
  const production = await startOrders({
    ...{ processes, folder, environment: 'production' },
    // Without the Collector, as with the profile `direct`.
    variables: {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${tempo.otlpUrl}/v1/traces`,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${loki.url}/otlp/v1/logs`,
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(ports.orders),
    },
  });
  const loadTest = await startOrders({
    ...{ processes, folder, environment: 'load test' },
    // Pushes its metrics, through the Collector.
    variables: pushed(collector.otlpUrl),
  });

  const load = startK6({
    ...{ processes, folder, script: join(stack, 'load/shop.js') },
    environment: { GATEWAY_URL: gateway.url, CUSTOMERS: '2' },
  });
  if (!load) throw new MissingPart(`k6 is off: ${k6Hint}.`);
  loadOrders([production, loadTest]);
  return {
    load,
    urls: { prometheus: prometheus.url, loki: loki.url, tempo: tempo.url },
    intakes: {
      zipkin: `http://127.0.0.1:${intakes.zipkin}`,
      jaeger: `http://127.0.0.1:${intakes.jaeger}`,
    },
    pager,
    services: [gateway, product, views],
    patienceMillis: 90_000,
  };
}
