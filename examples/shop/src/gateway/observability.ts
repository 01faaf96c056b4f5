import { initObservability } from '@throughline/core';
import { expressPlugin } from '@throughline/express';
import { readLogDestinations } from '../http-service/log-destinations.js';

export const observability = initObservability({
  serviceName: 'gateway',
  serviceNamespace: 'shop',
  team: 'storefront',
  plugins: [expressPlugin()],
  logs: { destinations: readLogDestinations(process.env) },
});
