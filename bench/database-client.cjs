/*
 * Runs database operations below a parent span, some at a time as a busy service does, and reports over IPC how much
 * CPU they took. One at a time, waking up for each answer would cost more than all the rest, and differently each time.
 * Run by databases.mjs. With EXPORT=none the spans of the stock variant are made and go nowhere.
 *
 *   none         nothing observes
 *   throughline  dbPlugin with its spans, metric and exemplars; throughline@FOLDER: another build, its packages in FOLDER
 *   stock        the OpenTelemetry SDK with the stock instrumentations, spans only
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [variant, folder] = process.argv[2].split('@');
const concurrency = 20;

let withParent = (run) => run();
if (variant === 'throughline') {
  const { initObservability, withSpan } = folder ? require(`${folder}/core`) : require('@throughline/core');
  const { dbPlugin } = folder ? require(`${folder}/db`) : require('@throughline/db');
  initObservability({
    serviceName: 'bench',
    metrics: { endpoint: false, runtime: false },
    logs: { level: 'error' },
    plugins: [dbPlugin()],
  });
  withParent = (run) => withSpan('parent', run);
} else if (variant === 'stock') {
  const { trace } = require('@opentelemetry/api');
  const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
  const { IORedisInstrumentation } = require('@opentelemetry/instrumentation-ioredis');
  const noExport = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
  const exporter = process.env.EXPORT === 'none' ? noExport : new OTLPTraceExporter();
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
  registerInstrumentations({ instrumentations: [new PgInstrumentation(), new IORedisInstrumentation()] });
  const tracer = trace.getTracer('bench');
  withParent = (run) =>
    tracer.startActiveSpan('parent', async (span) => {
      await run();
      span.end();
    });
}

const { Pool } = require('pg');
const { Redis } = require('ioredis');
const client = new Pool({ connectionString: process.env.POSTGRES_URL, max: 5 });
// The server may be stopped first.
client.on('error', () => {});
const redis = new Redis(process.env.REDIS_URL);

const operations = {
  pg: () =>
    client.query('SELECT id, name FROM (VALUES (1, $1::text)) AS products (id, name) WHERE id = 1', ['mug']),
  ioredis: () => redis.get('product:1'),
};

redis.on('error', () => {});
client.query('SELECT 1').then(() => process.send('ready'));
process.on('message', async ({ operation, count }) => {
  const run = operations[operation];
  const before = process.cpuUsage();
  await withParent(async () => {
    const caller = async () => {
      for (let i = 0; i < count / concurrency; i++) await run();
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
  });
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / count);
});
