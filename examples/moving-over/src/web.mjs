/* The service that customers call. It has moved: its code contains no trace id. */
import { createServer } from 'node:http';
import { initObservability, logger } from '@throughline/core';

initObservability({
  serviceName: 'web',
  legacyTraceHeader: { name: 'x-trace-id', respond: 'legacy' },
});

const server = createServer(async (request, response) => {
  logger.info('checkout requested', { path: request.url });
  const order = await fetch(`${process.env.ORDERS_URL}/orders`, { method: 'POST' });
  response.writeHead(order.status, { 'content-type': 'application/json' }).end(await order.text());
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  logger.info('listening', { port: server.address().port }),
);
