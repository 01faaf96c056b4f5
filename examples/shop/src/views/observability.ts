import { initObservability } from '@throughline/core';
import { dbPlugin } from '@throughline/db';
import { expressPlugin } from '@throughline/express';
import { kafkaPlugin } from '@throughline/kafka';
import { profilesPlugin } from '@throughline/profiles';
import { readLogDestinations } from '../http-service/log-destinations.js';

export const observability = initObservability({
  serviceName: 'views',
  serviceNamespace: 'shop',
  team: 'insights',
  plugins: [expressPlugin(), dbPlugin(), kafkaPlugin(), profilesPlugin()],
  logs: { destinations: readLogDestinations(process.env) },
});
