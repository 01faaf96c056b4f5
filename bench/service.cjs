/*
 * The service that is measured: Express, one route with a parameter, one JSON log line per request. The
 * variant decides what observes it. Run by requests.mjs, which asks for the CPU time over IPC.
 *
 *   bare         the service with plain winston
 *   throughline  one initObservability() call: spans by OTLP, histogram with exemplars, correlated logs
 *   sampled      the same, of which one trace in a hundred is recorded
 *   kept         sampled, and keepErrors: the spans of all other traces wait until it is known that none failed
 *   ignored      Throughline, with the requests of this service ignored: no trace, no metric
 *   profiled     the same as throughline, with continuous profiles at the default rate
 *   bridge       the same with the bridge from an old trace header
 *   stock        the OpenTelemetry SDK with the stock http and express instrumentations, a prom-client
 *                histogram in a middleware, and winston with the trace id added by hand
 *
 * With `-silent` behind it, the log line is below the level and is not written.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [variant, silent] = process.argv[2].split('-');
const level = silent ? 'error' : 'info';

let logger;
let middleware;
if (['throughline', 'sampled', 'kept', 'ignored', 'profiled', 'bridge'].includes(variant)) {
  const { initObservability, logger: own } = require('@throughline/core');
  const { expressPlugin } = require('@throughline/express');
  const { profilesPlugin } = require('@throughline/profiles');
  const observability = initObservability({
    serviceName: 'bench',
    team: 'bench',
    metrics: { endpoint: { port: 0 } },
    logs: { format: 'json', level },
    plugins: variant === 'profiled' ? [expressPlugin(), profilesPlugin()] : [expressPlugin()],
    ...(variant === 'profiled' ? { profiles: { endpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT } } : {}),
    ...(variant === 'sampled' ? { traces: { samplingRatio: 0.01 } } : {}),
    ...(variant === 'kept' ? { traces: { samplingRatio: 0.01, keepErrors: true } } : {}),
    ...(variant === 'ignored' ? { http: { ignoreIncomingPaths: [/^\/orders/] } } : {}),
    ...(variant === 'bridge' ? { legacyTraceHeader: 'x-trace-id' } : {}),
  });
  logger = own;
  process.on('message', ({ profiles }) => {
    if (profiles === undefined) return;
    observability.setPluginEnabled('profiles', profiles);
    // The profiler is loaded once, and started in a later turn.
    setTimeout(() => process.send({ profiles }), 100);
  });
} else {
  const winston = require('winston');
  const formats = [winston.format.timestamp(), winston.format.json()];
  if (variant === 'stock') {
    const { trace } = require('@opentelemetry/api');
    const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
    const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
    const { registerInstrumentations } = require('@opentelemetry/instrumentation');
    const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
    const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
    new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
    registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });
    const { Histogram, collectDefaultMetrics } = require('prom-client');
    collectDefaultMetrics();
    const duration = new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of HTTP server requests.',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    });
    middleware = (request, response, next) => {
      const end = duration.startTimer();
      response.on('finish', () =>
        end({
          http_request_method: request.method,
          http_route: request.route?.path,
          http_response_status_code: response.statusCode,
        }),
      );
      next();
    };
    formats.unshift(
      winston.format((info) => {
        const context = trace.getActiveSpan()?.spanContext();
        return context ? Object.assign(info, { trace_id: context.traceId, span_id: context.spanId }) : info;
      })(),
    );
  }
  logger = winston.createLogger({
    level,
    format: winston.format.combine(...formats),
    transports: [new winston.transports.Console()],
  });
}

const express = require('express');
const app = express();
if (middleware) app.use(middleware);
const orders = express.Router();
orders.get('/:id', (request, response) => {
  logger.info('order read', { order: request.params.id });
  response.json({ id: request.params.id, lines: [{ product: 1, quantity: 2 }] });
});
app.use('/orders', orders);

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', (message) => {
  if (message === 'cpu') process.send({ cpu: process.cpuUsage() });
  if (message === 'rss') process.send({ rssBytes: process.memoryUsage.rss() });
  if (message === 'stop') process.exit(0);
});
