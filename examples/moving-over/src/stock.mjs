/* Has moved. A service that has not moved calls it. */
import { createServer } from 'node:http';
import { initObservability, logger } from '@throughline/core';

initObservability({
  serviceName: 'stock',
  legacyTraceHeader: { name: 'x-trace-id', acceptUntil: process.env.ACCEPT_UNTIL },
});

const server = createServer((_request, response) => {
  logger.info('stock reserved');
  response.writeHead(201, { 'content-type': 'application/json' }).end('{"reserved":true}');
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  logger.info('listening', { port: server.address().port }),
);
