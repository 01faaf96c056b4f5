import { initObservability } from '@throughline/core';
import { expressPlugin } from '@throughline/express';

export const observability = initObservability({
  serviceName: 'gateway',
  serviceNamespace: 'shop',
  environment: 'demo',
  team: 'storefront',
  plugins: [expressPlugin()],
  logs: { destinations: ['stdout', 'otlp'] },
});
