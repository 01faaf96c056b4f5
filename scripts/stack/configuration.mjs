import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../../testbed/src/paths.mjs';

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
 * @param folder gets the rule files, and a folder `targets` for services other than the shop
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

/** @param pagerUrl gets every alert that reaches a receiver, at a path with the receiver's name */
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

/** Tempo in a container on the network of the machine. Its metrics would come too late for this run: without them. */
export function tempoConfig({ port, grpcPort, otlpPort, data }) {
  const config = withFolder(stackFile('tempo/tempo.yaml'), '/var/tempo', data);
  Object.assign(config.server, loopback({ port, grpcPort }));
  config.distributor.receivers = { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } };
  delete config.metrics_generator;
  delete config.overrides;
  return { config, differences: ['OTLP over HTTP only, no service graph'] };
}

/**
 * The intakes of tempo.yaml other than OTLP, for Jaeger: both are made of the Collector's receivers.
 *
 * @param intakes ports
 */
export function intakesOfTempo(intakes) {
  const { zipkin, jaeger } = stackFile('tempo/tempo.yaml').distributor.receivers;
  zipkin.endpoint = `127.0.0.1:${intakes.zipkin}`;
  jaeger.protocols.thrift_http.endpoint = `127.0.0.1:${intakes.jaeger}`;
  return { zipkin, jaeger };
}

/**
 * @param addresses of Jaeger and VictoriaLogs, which replace Tempo and Loki
 * @param copies where traces and logs are sent too: a real Tempo, a real Loki
 */
export function collectorConfig({ addresses, copies = {}, otlpPort, grpcPort, healthPort, metricsPort }) {
  const config = withAddresses(stackFile('collector/config.yaml'), addresses);
  config.extensions.health_check.endpoint = `127.0.0.1:${healthPort}`;
  config.receivers.otlp.protocols.http.endpoint = `127.0.0.1:${otlpPort}`;
  config.receivers.otlp.protocols.grpc.endpoint = `127.0.0.1:${grpcPort}`;
  const [{ pull }] = config.service.telemetry.metrics.readers;
  Object.assign(pull.exporter.prometheus, { host: '127.0.0.1', port: metricsPort });
  const { exporters, service } = config;
  for (const [signal, endpoint] of Object.entries(copies)) {
    const name = `otlphttp/copy-of-${signal}`;
    exporters[name] = { endpoint };
    service.pipelines[signal].exporters.push(name);
  }
  return {
    config,
    differences: [
      'traces go to Jaeger and logs to VictoriaLogs',
      ...Object.entries(copies).map(([signal, endpoint]) => `${signal} also to ${endpoint}`),
    ],
  };
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
