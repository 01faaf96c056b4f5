import { initObservability } from '@throughline/core';
import { dbPlugin } from '@throughline/db';
import { expressPlugin } from '@throughline/express';

export const observability = initObservability({
  serviceName: 'product',
  serviceNamespace: 'shop',
  environment: 'demo',
  team: 'catalogue',
  // pg and ioredis are found although they are loaded before this line runs.
  plugins: [expressPlugin(), dbPlugin()],
  logs: { destinations: ['stdout', 'otlp'] },
});
