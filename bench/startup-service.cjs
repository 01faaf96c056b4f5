/* Starts, listens, says what that took, and ends: what start-up costs. Run by startup.mjs. */
const variant = process.argv[2];

if (variant === 'throughline') {
  const { initObservability } = require('@throughline/core');
  const { expressPlugin } = require('@throughline/express');
  initObservability({
    metrics: { endpoint: { port: 0 } },
    logs: { level: 'error' },
    plugins: [expressPlugin()],
  });
} else if (variant === 'stock') {
  const { NodeTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });
  require('prom-client').collectDefaultMetrics();
  require('winston').createLogger({ transports: [] });
} else {
  // A service that logs and measures without any of this has these already.
  require('prom-client');
  require('winston').createLogger({ transports: [] });
}

const express = require('express');
express()
  .get('/', (_request, response) => response.end())
  .listen(0, () => {
    const { user, system } = process.cpuUsage();
    const modules = Object.keys(require.cache).length;
    process.stdout.write(JSON.stringify({ cpuMillis: (user + system) / 1000, modules }), () =>
      process.exit(0),
    );
  });
