/*
 * A service with workers, for cluster.test.ts, which speaks to the primary by its channel: `{ worker, call, value }`
 * goes to a worker by its id, without one to the primary itself, and comes back with `result`.
 */
const cluster = require('node:cluster');
const { createServer } = require('node:http');
const { threadId } = require('node:worker_threads');

/** @param core the package, as an ES module or as CommonJS; undefined in a primary that is without it */
exports.serve = async function serve(core) {
  const calls = core ? { ...(await instrumented(core)), ...(cluster.isPrimary ? primary : {}) } : primary;
  process.on('message', async (message) => {
    if (cluster.isPrimary && message.worker !== undefined) {
      cluster.workers[message.worker]?.send(message);
      return;
    }
    process.send({ ...message, result: (await calls[message.call](message.value)) ?? null });
  });
  if (cluster.isPrimary) {
    // Answers of the workers are passed on to the test.
    cluster.on('message', (_, message) => process.send(message));
    cluster.on('exit', (worker) => process.send({ exit: worker.id }));
  }
  process.send(cluster.isPrimary ? { up: true } : { call: 'ready', worker: cluster.worker.id });
};

const primary = {
  fork: () => cluster.fork().id,
  kill: ({ id, signal }) => cluster.workers[id]?.process.kill(signal),
};

async function instrumented(core) {
  const observability = core.initObservability({
    serviceName: 'clustered',
    serviceVersion: '1.2.3',
    traces: { batch: { scheduledDelayMillis: 60_000 } },
    metrics: { endpoint: process.env.MOUNTED ? false : {} },
  });
  const id = cluster.worker?.id ?? threadId;
  const jobs = core.counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'] });
  const weight = core.histogram({ name: 'job_weight_grams', help: 'Weight of a job.', buckets: [0.5, 5] });
  for (const aggregator of ['sum', 'min', 'max', 'average', 'first', 'omit', 'each']) {
    core.gauge({ name: `${aggregator}_depth`, help: 'Depth.', aggregator }).set(id);
  }
  observability.health.addReadinessCheck('works', () => !isBroken);
  let isBroken = false;
  await observability.ready;
  let mounted;
  if (process.env.MOUNTED) {
    mounted = createServer(observability.metricsHandler);
    await new Promise((resolve) => mounted.listen({ port: 0, exclusive: true }, resolve));
  }
  return {
    /** @returns the trace of the last one */
    work: (times) => {
      let trace = '';
      for (let i = 0; i < times; i++) {
        core.withSpan('job', (span) => {
          jobs.inc({ kind: 'mail' });
          // Sums of these depend on the order in which they are added.
          weight.observe(0.1 * id);
          trace = span.spanContext().traceId;
        });
      }
      return trace;
    },
    /** Stands still. */
    block: (millis) => {
      process.send({ blocking: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
    },
    break: () => {
      isBroken = true;
    },
    mounted: () => mounted.address().port,
    level: () => core.logger.level,
    scraped: async () => (await observability.diagnose({ contact: false })).scrape?.status,
    pid: () => process.pid,
    shutdown: () => observability.shutdown(),
  };
}
