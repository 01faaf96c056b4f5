import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../parts/paths.mjs';
import { onLoopback } from '../parts/tempo.mjs';

/** Folder of the stack. */
export const stack = join(root, 'examples/stack');

/** A YAML file of the stack, as an object. */
export function stackFile(path) {
  return parse(readFileSync(join(stack, path), 'utf8'));
}

/*
 * The stack's own files, changed where a process on this machine differs from a container: addresses, folders, and
 * how often things happen. `differences` says what was changed, for people to read.
 */

const seconds = 2;

/**
 * @param addresses address on this machine by address in the stack's network (`tempo:4318`)
 * @param folder gets the rule files, and a folder `targets` for services beside the shop
 */
export function prometheusConfig({ addresses, folder }) {
  const config = stackFile('prometheus/prometheus.yaml');
  const rules = join(folder, 'rules');
  mkdirSync(rules, { recursive: true });
  for (const name of readdirSync(join(stack, 'prometheus/rules'))) {
    const file = stackFile(`prometheus/rules/${name}`);
    for (const group of file.groups) group.interval = `${seconds}s`;
    writeFileSync(join(rules, name), JSON.stringify(file));
  }
  mkdirSync(join(folder, 'targets'), { recursive: true });
  config.rule_files = [join(rules, '*.yaml')];
  config.global = {
    ...config.global,
    scrape_interval: `${seconds}s`,
    scrape_timeout: `${seconds}s`,
    evaluation_interval: `${seconds}s`,
  };
  for (const job of [...config.scrape_configs, ...config.alerting.alertmanagers]) {
    for (const entry of job.static_configs ?? []) {
      entry.targets = entry.targets.map((target) => addresses[target]);
    }
    for (const entry of job.file_sd_configs ?? []) {
      entry.files = entry.files.map((pattern) => join(folder, pattern));
      entry.refresh_interval = '1s';
    }
  }
  return {
    config,
    differences: [`scrapes and rules every ${seconds} s (15 s, and 5 min for budgets, in the stack)`],
  };
}

/** @param pagerUrl is told of every alert that reaches a receiver, at the path of its name */
export function alertmanagerConfig({ pagerUrl }) {
  const config = stackFile('alertmanager/alertmanager.yaml');
  config.route.group_wait = `${seconds}s`;
  for (const receiver of config.receivers) {
    receiver.webhook_configs = [{ url: `${pagerUrl}/${receiver.name}` }];
  }
  return {
    config,
    differences: [`tells of alerts after ${seconds} s (30 s in the stack), by a webhook for each receiver`],
  };
}

export function lokiConfig({ port, grpcPort, data }) {
  const config = withFolder(stackFile('loki/loki.yaml'), '/loki', data);
  Object.assign(config.server, loopback({ port, grpcPort }));
  config.ingester = { ...config.ingester, lifecycler: { min_ready_duration: '0s' } };
  return { config, differences: ['ready at once (`min_ready_duration`)'] };
}

/** For Tempo 1.5, which is older than the stack's 2.10. */
export function tempoConfig({ port, grpcPort, otlpPort, data, addresses, intakes }) {
  const config = withAddresses(withFolder(stackFile('tempo/tempo.yaml'), '/var/tempo', data), addresses);
  Object.assign(config.server, loopback({ port, grpcPort }));
  const { receivers } = config.distributor;
  receivers.otlp.protocols = { http: { endpoint: `127.0.0.1:${otlpPort}` } };
  receivers.zipkin.endpoint = `127.0.0.1:${intakes.zipkin}`;
  receivers.jaeger.protocols.thrift_http.endpoint = `127.0.0.1:${intakes.jaeger}`;
  config.ingester = { ...config.ingester, ...onLoopback.ingester };
  config.memberlist = onLoopback.memberlist;
  config.metrics_generator.ring = { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' };
  config.metrics_generator.registry.collection_interval = `${seconds}s`;
  config.metrics_generator.processor.service_graphs.wait = `${seconds}s`;

  delete config.stream_over_http_enabled;
  delete config.metrics_generator.traces_storage;
  config.metrics_generator_enabled = true;
  config.search_enabled = true;
  const { processors } = config.overrides.defaults.metrics_generator;
  config.overrides = {
    metrics_generator_processors: processors.filter((processor) => processor !== 'local-blocks'),
  };
  return {
    config,
    differences: [
      'without `stream_over_http_enabled`, `metrics_generator.traces_storage` and the processor `local-blocks`, which 1.5 does not know',
      '`overrides.defaults.metrics_generator.processors` is `overrides.metrics_generator_processors`; `metrics_generator_enabled` and `search_enabled` are set',
      'OTLP over HTTP only; service graphs wait 2 s for the other side of a call (10 s in the stack)',
    ],
  };
}

export function collectorConfig({ addresses, otlpPort, grpcPort, healthPort, metricsPort }) {
  const config = withAddresses(stackFile('collector/config.yaml'), addresses);
  config.extensions.health_check.endpoint = `127.0.0.1:${healthPort}`;
  config.receivers.otlp.protocols.http.endpoint = `127.0.0.1:${otlpPort}`;
  config.receivers.otlp.protocols.grpc.endpoint = `127.0.0.1:${grpcPort}`;
  const [{ pull }] = config.service.telemetry.metrics.readers;
  Object.assign(pull.exporter.prometheus, { host: '127.0.0.1', port: metricsPort });
  return { config, differences: [] };
}

function loopback({ port, grpcPort }) {
  return {
    http_listen_address: '127.0.0.1',
    http_listen_port: port,
    grpc_listen_address: '127.0.0.1',
    grpc_listen_port: grpcPort,
  };
}

function withFolder(config, from, to) {
  return withTexts(config, (text) => (text.startsWith(from) ? to + text.slice(from.length) : text));
}

function withAddresses(config, addresses) {
  return withTexts(config, (text) =>
    Object.entries(addresses).reduce((result, [from, to]) => (to ? result.replace(from, to) : result), text),
  );
}

function withTexts(value, change) {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change)]));
}
