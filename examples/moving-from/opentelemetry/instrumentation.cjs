/* The hand-made setup that is removed: node --require ./instrumentation.cjs server.cjs */
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { WinstonInstrumentation } = require('@opentelemetry/instrumentation-winston');
const { NodeSDK, tracing } = require('@opentelemetry/sdk-node');

const sdk = new NodeSDK({
  serviceName: 'orders',
  spanProcessors: [new tracing.BatchSpanProcessor(new OTLPTraceExporter())],
  metricReaders: [
    new PrometheusExporter({ port: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464) }),
  ],
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new UndiciInstrumentation(),
    new WinstonInstrumentation({ disableLogSending: true }),
  ],
});
sdk.start();
process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit(0)));
