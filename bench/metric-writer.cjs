/*
 * Records values or answers scrapes with the metrics that the first argument names, and reports to its parent what it
 * took. For bench/metrics.mjs; started with --expose-gc.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const { readFileSync, writeFileSync } = require('node:fs');
const api = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');

const [variant, sets = '0', lines = '0'] = process.argv.slice(2);
const setCount = Number(sets);
const counterCount = Number(lines);
const names = ['http_request_method', 'http_route', 'http_response_status_code'];
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const maxMetrics = 10;
const sweepMillis = 20;

const span = api.trace.wrapSpanContext({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 1,
});

/** As one writes it by hand around prom-client: the active span, if it is sampled. */
function activeTrace() {
  const found = api.trace.getActiveSpan()?.spanContext();
  return found && found.traceFlags & 1 ? { trace_id: found.traceId, span_id: found.spanId } : undefined;
}

/** Each makes metrics of its kind, and says how they are scraped. */
const variants = {
  async throughline(accept) {
    const { counter, histogram, initObservability } = require('@throughline/core');
    const observability = initObservability({
      serviceName: 'orders',
      team: 'checkout',
      environment: 'production',
      logs: { level: 'error' },
      traces: { exporter: { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} } },
      metrics: { endpoint: false, runtime: false, maxSeriesPerMetric: 1e6 },
    });
    return {
      histogram(name) {
        const metric = histogram({ name, help: 'Waiting.', labelNames: names, buckets });
        return (labels, value) => metric.observe(labels, value);
      },
      counter(name) {
        const metric = counter({ name, help: 'Jobs.', labelNames: names });
        return (labels) => metric.inc(labels);
      },
      handler: observability.metricsHandler,
      accept,
    };
  },
  async promClient(hasExemplars) {
    contextManager();
    const prom = require('prom-client');
    const register = new prom.Registry();
    if (hasExemplars) register.setContentType(prom.Registry.OPENMETRICS_CONTENT_TYPE);
    const options = { labelNames: names, registers: [register], enableExemplars: hasExemplars };
    return {
      histogram(name) {
        const metric = new prom.Histogram({ name, help: 'Waiting.', buckets, ...options });
        return hasExemplars
          ? (labels, value) => metric.observe({ labels, value, exemplarLabels: activeTrace() })
          : (labels, value) => metric.observe(labels, value);
      },
      counter(name) {
        const metric = new prom.Counter({ name, help: 'Jobs.', ...options });
        return hasExemplars
          ? (labels) => metric.inc({ labels, value: 1, exemplarLabels: activeTrace() })
          : (labels) => metric.inc(labels);
      },
      async handler(_request, response) {
        response.setHeader('content-type', register.contentType);
        response.end(await register.metrics());
      },
    };
  },
  async otel() {
    contextManager();
    const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
    const { MeterProvider, AggregationType } = require('@opentelemetry/sdk-metrics');
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meter = new MeterProvider({
      readers: [exporter],
      views: [
        { instrumentName: 'jobs*', aggregationCardinalityLimit: 1e6 },
        {
          instrumentName: 'wait*',
          aggregationCardinalityLimit: 1e6,
          aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: buckets } },
        },
      ],
    }).getMeter('bench');
    return {
      histogram(name) {
        const metric = meter.createHistogram(name);
        return (labels, value) => metric.record(value, labels);
      },
      counter(name) {
        const metric = meter.createCounter(name);
        return (labels) => metric.add(1, labels);
      },
      handler: (request, response) => exporter.getMetricsRequestHandler(request, response),
    };
  },
};
const openMetrics = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
const makers = {
  throughline: () => variants.throughline(openMetrics),
  'throughline, text': () => variants.throughline(undefined),
  'prom-client': () => variants.promClient(false),
  'prom-client, exemplars': () => variants.promClient(true),
  opentelemetry: variants.otel,
};

function contextManager() {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

async function main() {
  const metrics = await makers[variant]();
  const inSpan = (fn) => api.context.with(api.trace.setSpan(api.context.active(), span), fn);
  const observe = metrics.histogram('wait_seconds');
  const increment = metrics.counter('jobs_total');

  function record(kind, count) {
    const start = process.cpuUsage();
    if (kind === 'counter') {
      for (let i = 0; i < count; i++) {
        increment({
          http_request_method: 'GET',
          http_route: `/r/${i % 20}`,
          http_response_status_code: '200',
        });
      }
    } else {
      for (let i = 0; i < count; i++) {
        observe(
          { http_request_method: 'GET', http_route: `/r/${i % 20}`, http_response_status_code: '200' },
          (i % 1000) / 1000,
        );
      }
    }
    const { user, system } = process.cpuUsage(start);
    return ((user + system) * 1000) / count;
  }

  /** Series for the scrape, a trace in one bucket of each. */
  let keptBytes = 0;
  const recordings = [];
  const recordAgain = () => inSpan(() => recordings.forEach((again) => void again()));
  if (setCount + counterCount > 0) {
    {
      const spread = (make, prefix, suffix, total) => {
        const made = Array.from({ length: Math.min(maxMetrics, total) }, (_, i) =>
          make(`${prefix}${i}${suffix}`),
        );
        for (let i = 0; i < total; i++) {
          recordings.push(() =>
            made[i % made.length](
              { http_request_method: 'GET', http_route: `/route/${i}`, http_response_status_code: '200' },
              (i % 1000) / 1000,
            ),
          );
        }
      };
      spread(metrics.histogram, 'wait_', '_seconds', setCount);
      spread(metrics.counter, 'jobs_', '_total', counterCount);
    }
    gc();
    const before = process.memoryUsage().heapUsed;
    recordAgain();
    gc();
    keptBytes = process.memoryUsage().heapUsed - before;
  }
  const server = require('node:http').createServer(metrics.handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();

  const messages = {
    record: ({ kind, isInSpan, count }) =>
      isInSpan ? inSpan(() => record(kind, count)) : record(kind, count),
    /** CPU time from the first to the last byte; the parent reads. Every series has changed since the last scrape. */
    async begin() {
      recordAgain();
      gc();
      // Threads of V8 sweep the heap for a while: that is no cost of the scrape.
      await new Promise((resolve) => setTimeout(resolve, sweepMillis));
      messages.heap = process.memoryUsage().heapUsed;
      resetPeak();
      messages.resident = peakBytes();
      messages.start = process.cpuUsage();
      return port;
    },
    /** As begin, and watches how long one turn of the event loop takes. */
    async watch() {
      recordAgain();
      gc();
      await new Promise((resolve) => setTimeout(resolve, sweepMillis));
      let last = performance.now();
      messages.longest = 0;
      messages.watching = true;
      const turn = () => {
        const now = performance.now();
        messages.longest = Math.max(messages.longest, now - last);
        last = now;
        if (messages.watching) setImmediate(turn);
      };
      setImmediate(turn);
      return port;
    },
    end() {
      messages.watching = false;
      const { user, system } = process.cpuUsage(messages.start);
      const heap = process.memoryUsage().heapUsed;
      gc();
      return {
        cpuMillis: (user + system) / 1000,
        blockMillis: messages.longest,
        peakBytes: peakBytes() - messages.resident,
        heapBytes: heap - messages.heap,
        leftBytes: process.memoryUsage().heapUsed - messages.heap,
        keptBytes,
      };
    },
  };
  process.on('message', async ({ name, ...rest }) => process.send((await messages[name](rest)) ?? null));
  process.send('ready');
}

/** Linux records the highest resident size, and can reset it. */
function resetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the peak is that of the whole life of the process.
  }
}

function peakBytes() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

main();
