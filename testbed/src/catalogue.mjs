/*
 * Every part that is fetched or built for the tests, once: its version, its licence, and what it is there for. Parts
 * of Debian and npm packages of the workspace are not here, because they are not built.
 *
 * A part must be under one of `permittedLicences`, and so must every module that is compiled into it: see
 * licences.mjs. What users start from images in examples/stack/compose.yaml is theirs to choose.
 */

/** SPDX identifiers. */
export const permittedLicences = [
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Unlicense',
];

/**
 * Go modules whose licence is not permitted, by the beginning of their path: not even a dependency may name one.
 * Exceptions are libraries of the same makers that are permitted.
 */
export const refusedGoModules = ['github.com/grafana/', 'go.k6.io/'];
export const permittedGoModules = ['github.com/grafana/regexp', 'github.com/grafana/alloy/syntax'];

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} version
 * @property {string} licence SPDX identifier
 * @property {string} reason what it is there for
 * @property {string} source where it is published, without a version
 * @property {string} [folder] Go programs: the folder of their go.mod in `backends`
 * @property {Readonly<Record<string, string>>} [programs] Go package by the program that is built from it
 * @property {readonly string[]} [tags] Go programs: the build tags
 * @property {string} [address] the environment variables that name one that runs already
 */

/** @type {readonly Part[]} */
export const parts = [
  {
    name: 'Prometheus',
    version: 'v0.316.0',
    licence: 'Apache-2.0',
    reason:
      'Scrapes and takes metrics, executes every PromQL query and rule of the stack; promtool tests the rules.',
    source: 'github.com/prometheus/prometheus',
    folder: 'prometheus',
    programs: {
      prometheus: 'github.com/prometheus/prometheus/cmd/prometheus',
      promtool: 'github.com/prometheus/prometheus/cmd/promtool',
    },
    // The stack finds its services by files. The clients of the clouds are a third of what is compiled.
    tags: ['remove_all_sd'],
    address: 'PROMETHEUS_URL',
  },
  {
    name: 'Jaeger',
    version: 'v1.76.0',
    licence: 'Apache-2.0',
    reason: 'Keeps traces: by OTLP, Zipkin and its own protocol in, by id and by service out.',
    source: 'github.com/jaegertracing/jaeger',
    folder: 'jaeger',
    programs: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' },
    address: 'JAEGER_QUERY_URL and JAEGER_OTLP_URL',
  },
  {
    name: 'VictoriaLogs',
    version: 'v1.52.1',
    licence: 'Apache-2.0',
    reason: 'Keeps log lines: by OTLP in, by any of their fields out.',
    source: 'github.com/VictoriaMetrics/VictoriaLogs',
    folder: 'victorialogs',
    programs: { 'victoria-logs': 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs' },
    address: 'VICTORIALOGS_URL',
  },
  {
    name: 'Alertmanager',
    version: 'v0.35.0',
    licence: 'Apache-2.0',
    reason: 'Takes alerts to their receivers by the stack’s routes; amtool checks the routes.',
    source: 'github.com/prometheus/alertmanager',
    folder: 'alertmanager',
    programs: {
      alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager',
      amtool: 'github.com/prometheus/alertmanager/cmd/amtool',
    },
  },
  {
    name: 'OpenTelemetry Collector',
    version: 'v0.165.0',
    licence: 'Apache-2.0',
    reason: 'Takes all telemetry by the stack’s configuration, in the release of compose.yaml.',
    source: 'go.opentelemetry.io/collector/otelcol',
    folder: 'collector',
    programs: { otelcol: '.' },
  },
  {
    name: 'compose-go',
    version: 'v2.16.2',
    licence: 'Apache-2.0',
    reason: 'Reads compose.yaml as Docker Compose does.',
    source: 'github.com/compose-spec/compose-go/v2',
    folder: 'compose',
    programs: { 'compose-config': 'github.com/compose-spec/compose-go/v2/cmd' },
  },
  {
    name: 'Alloy’s syntax',
    version: 'v0.1.0',
    licence: 'Apache-2.0',
    reason: 'Reads the configuration of Grafana Alloy with Alloy’s own parser.',
    source: 'github.com/grafana/alloy/syntax',
    folder: 'alloy',
    programs: { 'alloy-syntax': '.' },
  },
  {
    name: 'actionlint',
    version: 'v1.7.12',
    licence: 'MIT',
    reason: 'Checks the workflows of .github.',
    source: 'github.com/rhysd/actionlint',
    folder: 'actionlint',
    programs: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
  },
  {
    name: 'NATS',
    version: 'v2.15.3',
    licence: 'Apache-2.0',
    reason: 'The server of the tests of @throughline/nats.',
    source: 'github.com/nats-io/nats-server/v2',
    folder: 'nats',
    programs: { 'nats-server': 'github.com/nats-io/nats-server/v2' },
    address: 'NATS_URL',
  },
  {
    name: 'FerretDB',
    version: 'v1.24.2',
    licence: 'Apache-2.0',
    reason: 'Answers MongoDB’s protocol from SQLite.',
    source: 'github.com/FerretDB/FerretDB',
    address: 'MONGODB_URL',
  },
  {
    name: 'Apache Kafka',
    version: '4.1.1',
    licence: 'Apache-2.0',
    reason: 'The broker of the shop and of the tests of @throughline/kafka.',
    source: 'org.apache.kafka:kafka_2.13',
    address: 'KAFKA_BROKERS',
  },
  {
    name: 'ElasticMQ',
    version: '1.6.12',
    licence: 'Apache-2.0',
    reason: 'A server that speaks the protocol of Amazon SQS, for the tests of @throughline/sqs.',
    source: 'org.elasticmq:elasticmq-rest-sqs_2.13',
    address: 'SQS_URL',
  },
  {
    name: 'node-rdkafka',
    version: '3.6.1',
    licence: 'MIT',
    reason: 'A native Kafka client that @throughline/kafka records.',
    source: 'node-rdkafka',
  },
  {
    name: '@confluentinc/kafka-javascript',
    version: '1.10.1',
    licence: 'MIT',
    reason: 'A native Kafka client that @throughline/kafka records.',
    source: '@confluentinc/kafka-javascript',
  },
  {
    name: 'Kubernetes',
    version: 'v1.36.3',
    licence: 'Apache-2.0',
    reason: 'The schemas that the manifests of examples/kubernetes are checked by; nothing of it is run.',
    source: 'k8s.io/kubernetes',
  },
  {
    name: 'Prometheus Operator',
    version: 'v0.85.0',
    licence: 'Apache-2.0',
    reason: 'The schema of a ServiceMonitor; nothing of it is run.',
    source: 'github.com/prometheus-operator/prometheus-operator',
  },
];

/** @throws for a name that is not in the list */
export function partNamed(name) {
  const part = parts.find((one) => one.name === name);
  if (!part) throw new Error(`No part is named '${name}'.`);
  return part;
}

/** The part that a program is built from; undefined for other programs. */
export function partOfProgram(program) {
  return parts.find(({ programs = {} }) => program in programs);
}
