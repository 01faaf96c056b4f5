import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { initObservability } from '@throughline/core';
import { expressPlugin } from '@throughline/express';

export const observability = initObservability({
  serviceName: 'product',
  serviceNamespace: 'shop',
  environment: 'demo',
  team: 'catalogue',
  plugins: [expressPlugin()],
  // Any stock OpenTelemetry instrumentation; it is applied to pg although pg is loaded before this line runs.
  instrumentations: [new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true })],
  logs: { destinations: ['stdout', 'otlp'] },
});
