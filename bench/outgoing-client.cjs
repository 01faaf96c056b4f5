/*
 * Makes outgoing HTTP calls below a parent span, some at a time as a busy service does, and reports over IPC how much
 * CPU they took. Run by outgoing.mjs. With EXPORT=none the spans of the stock variant are made and go nowhere.
 *
 *   none         nothing observes
 *   context      nothing observes, and a context is kept by AsyncLocalStorage: what every kind of tracing costs at least
 *   throughline  spans, trace headers, metric and exemplars; throughline@FOLDER: another build, its packages in FOLDER
 *   stock        the OpenTelemetry SDK with the stock instrumentations for http and undici, spans only
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const [variant, folder] = process.argv[2].split('@');
const concurrency = 20;

let withParent = (run) => run();
if (variant === 'context') {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  withParent = (run) => storage.run({}, run);
} else if (variant === 'throughline') {
  const { initObservability, withSpan } = folder ? require(`${folder}/core`) : require('@throughline/core');
  initObservability({
    serviceName: 'bench',
    metrics: { endpoint: false, runtime: false },
    logs: { level: 'error' },
  });
  withParent = (run) => withSpan('parent', run);
} else if (variant === 'stock') {
  const { trace } = require('@opentelemetry/api');
  const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
  const noExport = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
  const exporter = process.env.EXPORT === 'none' ? noExport : new OTLPTraceExporter();
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }).register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
  const tracer = trace.getTracer('bench');
  withParent = (run) =>
    tracer.startActiveSpan('parent', async (span) => {
      await run();
      span.end();
    });
}

const http = require('node:http');
const url = `${process.env.SERVER_URL}/products/1?page=2`;
const { hostname, port, pathname, search } = new URL(url);
const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
const options = {
  host: hostname,
  port,
  path: pathname + search,
  agent,
  headers: { accept: 'application/json' },
};

const operations = {
  fetch: async () => (await fetch(url)).text(),
  'http.request': () =>
    new Promise((resolve, reject) => {
      const request = http.request(options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(body));
      });
      request.on('error', reject);
      request.end();
    }),
};

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
process.send('ready');
