/* orders.mjs after the move: the code for trace ids is gone. */
import { createServer } from 'node:http';
import { initObservability, logger } from '@throughline/core';

initObservability({ serviceName: 'orders', legacyTraceHeader: 'x-trace-id' });

const server = createServer(async (_request, response) => {
  logger.info('order placed');
  const reserved = await fetch(`${process.env.STOCK_URL}/reserve`, { method: 'POST' });
  response.writeHead(reserved.status, { 'content-type': 'application/json' }).end(await reserved.text());
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  logger.info('listening', { port: server.address().port }),
);
