import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { logger } from '@throughline/core';
import type { ListenConfig } from './environment.js';

const drainTimeoutMillis = 5_000;

/**
 * Listens until SIGTERM or SIGINT, then lets requests in progress finish and closes the resources of the service.
 *
 * @param close run in order, after the last response
 */
export async function serve(
  listener: RequestListener,
  { port, host }: ListenConfig,
  close: readonly (() => Promise<void>)[],
): Promise<void> {
  let inProgress = 0;
  let stopping = false;
  const server = createServer(listener);
  server.on('request', (_request, response) => {
    inProgress++;
    response.once('close', () => {
      inProgress--;
      closeIfDone();
    });
  });
  server.listen({ port, host });
  await once(server, 'listening');
  logger.info('Listening.', { port: (server.address() as AddressInfo).port });

  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping) return;
    stopping = true;
    logger.info('Stopping.', { signal });
    const deadline = setTimeout(() => server.closeAllConnections(), drainTimeoutMillis);
    server.close();
    closeIfDone();
    await once(server, 'close');
    clearTimeout(deadline);
    for (const closeNext of close) await closeNext();
  }

  /** server.close() alone leaves idle connections open: those that have served a request, and those that have served none. */
  function closeIfDone(): void {
    if (stopping && inProgress === 0) server.closeAllConnections();
  }
}
