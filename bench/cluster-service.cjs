/* A service for cluster.mjs: so many workers, each with so many series, and one address that answers for all. */
const cluster = require('node:cluster');
const { createServer } = require('node:http');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const [variant, kind, series, workers] = process.argv.slice(2);
const isPromClient = variant === 'prom-client';
// A histogram with 14 buckets is 17 series.
const labelSets = Math.round(Number(series) / (kind === 'histogram' ? 17 : 1));
const name = kind === 'histogram' ? 'job_duration_seconds' : 'jobs_total';
const options = { name, help: 'Jobs.', labelNames: ['queue', 'kind'] };
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

async function main() {
  const record = isPromClient ? promClient() : await throughline();
  for (let i = 0; i < labelSets; i++) record({ queue: `queue-${i}`, kind: 'mail' }, Math.random());
  if (cluster.isPrimary) await serve();
  else process.send('ready');
}

function promClient() {
  const { AggregatorRegistry, Counter, Histogram } = require('prom-client');
  // It answers for the workers only.
  new AggregatorRegistry();
  if (cluster.isPrimary && workers !== '0') return () => {};
  const metric = kind === 'histogram' ? new Histogram({ ...options, buckets }) : new Counter(options);
  return (labels, value) => (kind === 'histogram' ? metric.observe(labels, value) : metric.inc(labels));
}

let observability;
async function throughline() {
  const core = require('@throughline/core');
  observability = core.initObservability({
    serviceName: 'bench',
    logs: { level: 'error' },
    traces: { exporter: 'none' },
    metrics: { endpoint: false, runtime: false, maxSeriesPerMetric: 100_000 },
  });
  await observability.ready;
  if (cluster.isPrimary && workers !== '0') return () => {};
  const metric = kind === 'histogram' ? core.histogram({ ...options, buckets }) : core.counter(options);
  return (labels, value) => (kind === 'histogram' ? metric.observe(labels, value) : metric.inc(labels));
}

async function serve() {
  const registry = isPromClient ? new (require('prom-client').AggregatorRegistry)() : undefined;
  const server = createServer(async (request, response) => {
    if (registry) response.end(await registry.clusterMetrics());
    else observability.metricsHandler(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  for (let i = 0; i < Number(workers); i++) {
    const worker = cluster.fork();
    await new Promise((resolve) => {
      worker.on('message', (message) => message === 'ready' && resolve());
    });
  }
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', (message) => {
    if (message === 'start') delay.reset();
    else process.send({ turnMillis: delay.max / 1e6 });
  });
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
}

main();
