/*
 * Writes log lines to stdout, in the way that the first argument names, and reports to its parent how much CPU time
 * they took. For bench/logs.mjs.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [variant, linesPerTurn, linesPerSpan, isSync] = process.argv.slice(2);
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const api = require('@opentelemetry/api');

const { randomBytes } = require('node:crypto');

const storeContexts = () =>
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const makers = {
  winston() {
    const winston = require('winston');
    const { combine, timestamp, json } = winston.format;
    return winston.createLogger({
      format: combine(timestamp(), json()),
      transports: [new winston.transports.Console()],
    });
  },
  /** `sync`: each line is written at once. By default lines wait for the one that is being written. */
  pino: () => require('pino')(require('pino').destination({ dest: 1, sync: isSync === 'true' })),
};
const throughline = (logs = {}) =>
  require('@throughline/core').initObservability({
    serviceName: 'orders',
    // Nothing is sent: no span ends.
    traces: { exporter: 'otlp', endpoint: 'http://127.0.0.1:9' },
    metrics: { endpoint: false },
    logs: { format: 'json', ...logs },
  });
const stock = (Instrumentation) => {
  storeContexts();
  const instrumentation = new Instrumentation({ disableLogSending: true });
  instrumentation.enable();
};
const variants = {
  // Their service has spans too: only what is done for a line is compared.
  winston() {
    storeContexts();
    return makers.winston();
  },
  pino() {
    storeContexts();
    return makers.pino();
  },
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

/** Spans as a tracer makes them, and where none is registered, spans of a known context. */
const tracer = api.trace.getTracer('bench');
const contexts = Array.from({ length: 100 }, () => {
  const started = tracer.startSpan('request', { root: true });
  const span = api.isSpanContextValid(started.spanContext())
    ? started
    : api.trace.wrapSpanContext({
        traceId: randomBytes(16).toString('hex'),
        spanId: randomBytes(8).toString('hex'),
        traceFlags: 1,
      });
  return api.trace.setSpan(api.ROOT_CONTEXT, span);
});

process.on('message', async ({ kind, count }) => {
  const write = lines[kind];
  const perTurn = Number(linesPerTurn);
  const perSpan = Math.min(perTurn, Number(linesPerSpan));
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += perTurn) {
    for (let inTurn = 0; inTurn < perTurn; inTurn += perSpan) {
      api.context.with(contexts[((done + inTurn) / perSpan) % contexts.length], () => {
        for (let i = 0; i < perSpan; i++) write(inTurn + i);
      });
    }
    // Streams get their turn, as they do between requests.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / count);
});
process.send('ready');
