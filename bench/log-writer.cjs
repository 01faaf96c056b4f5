/*
 * Writes log lines to stdout, in the way that the first argument names, and reports to its parent how much CPU time
 * they took. For bench/logs.mjs.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [variant] = process.argv.slice(2);
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const api = require('@opentelemetry/api');

const spanContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 1,
};
const makers = {
  winston() {
    const winston = require('winston');
    const { combine, timestamp, json } = winston.format;
    return winston.createLogger({
      format: combine(timestamp(), json()),
      transports: [new winston.transports.Console()],
    });
  },
  pino: () => require('pino')(),
};
const throughline = (logs = {}) =>
  require('@throughline/core').initObservability({
    serviceName: 'orders',
    traces: { exporter: 'none' },
    metrics: { endpoint: false },
    logs: { format: 'json', ...logs },
  });
const stock = (Instrumentation) => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const instrumentation = new Instrumentation({ disableLogSending: true });
  instrumentation.enable();
};
const variants = {
  winston: makers.winston,
  pino: makers.pino,
  throughline: () => throughline().logger,
  'throughline, redact: false': () => throughline({ redact: false }).logger,
  'winston, throughline': () => {
    throughline();
    return makers.winston();
  },
  'winston, stock': () => {
    stock(require('@opentelemetry/instrumentation-winston').WinstonInstrumentation);
    return makers.winston();
  },
  'pino, throughline': () => {
    throughline();
    return makers.pino();
  },
  'pino, stock': () => {
    stock(require('@opentelemetry/instrumentation-pino').PinoInstrumentation);
    return makers.pino();
  },
};
const logger = variants[variant]();
const isPino = variant.startsWith('pino');
const request = {
  method: 'POST',
  url: '/orders?page=2',
  headers: {
    host: 'orders',
    accept: '*/*',
    'user-agent': 'curl/8',
    authorization: 'Bearer 8f14e45fceea167a',
  },
};
const lines = {
  plain: (i) =>
    isPino
      ? logger.info({ order: i, channel: 'web' }, 'order placed')
      : logger.info('order placed', { order: i, channel: 'web' }),
  nested: (i) =>
    isPino ? logger.info({ order: i, request }, 'received') : logger.info('received', { order: i, request }),
};

process.on('message', async ({ kind, count }) => {
  const write = lines[kind];
  const context = api.trace.setSpanContext(api.ROOT_CONTEXT, spanContext);
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 100) {
    api.context.with(context, () => {
      for (let i = 0; i < 100; i++) write(i);
    });
    // Streams get their turn, as they do between requests.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / count);
});
process.send('ready');
