/*
 * A service of Acme. Here NAME and TEAM come from the environment; a real service has them in its code.
 *
 *   TEAM=checkout NODE_ENV=development npm start
 *   npm run check
 */
import { createServer } from 'node:http';
import { acmeOptions } from '@acme/observability-contract';
import { counter, initObservability, logger } from '@throughline/core';

const observability = initObservability({
  serviceName: process.env.NAME ?? 'orders',
  ...acmeOptions({ team: process.env.TEAM }),
  traces: { exporter: 'none' },
});

const answered = counter({
  name: 'greetings_answered_total',
  help: 'Greetings answered.',
  // The contract forbids user_id: the label is removed, and the violation is logged and counted once.
  labelNames: ['language', 'user_id'],
});

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  answered.inc({ language: 'en', user_id: searchParams.get('user') ?? 'nobody' });
  logger.info('greeted', { user_id: searchParams.get('user') });
  response.end('hello\n');
});
server.listen(Number(process.env.PORT ?? 3000), async () => {
  await observability.ready;
  logger.info('listening', { port: server.address().port });
});
