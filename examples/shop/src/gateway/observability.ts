import { initObservability } from '@throughline/core';
import { expressPlugin } from '@throughline/express';
import { profilesPlugin } from '@throughline/profiles';
import { readLogDestinations } from '../http-service/log-destinations.js';

export const observability = initObservability({
  serviceName: 'gateway',
  serviceNamespace: 'shop',
  team: 'storefront',
  plugins: [expressPlugin(), profilesPlugin()],
  logs: { destinations: readLogDestinations(process.env) },
});
