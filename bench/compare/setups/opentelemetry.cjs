/*
 * OpenTelemetry for Node.js as https://opentelemetry.io/docs/languages/js/getting-started/nodejs/ and its page on
 * exporters say, with the instrumentations that this service needs. It is the same for versions 2 and 3.
 */
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { WinstonInstrumentation } = require('@opentelemetry/instrumentation-winston');
const { KafkaJsInstrumentation } = require('@opentelemetry/instrumentation-kafkajs');

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  metricReaders: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new PgInstrumentation(),
    new UndiciInstrumentation(),
    new WinstonInstrumentation(),
    new KafkaJsInstrumentation(),
  ],
});
sdk.start();
