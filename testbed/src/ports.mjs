import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** The port if nothing listens on it, on any address that `localhost` may mean; otherwise 0, for any free one. */
export async function freeOrAny(port) {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
    if (await isTaken(port, host)) return 0;
  }
  return port;
}

/**
 * For a program that cannot choose a port by itself. Below the ports that systems give to outgoing connections
 * (from 32768 on Linux): one of those could be taken again before the program listens.
 */
export async function anyFreePort() {
  for (;;) {
    const port = randomInt(12_000, 30_000);
    if ((await freeOrAny(port)) === port) return port;
  }
}

async function isTaken(port, host) {
  try {
    const { server } = await listen(port, host);
    await close(server);
    return false;
  } catch (error) {
    return error.code === 'EADDRINUSE' || error.code === 'EACCES';
  }
}

function listen(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host }, () => resolve({ server, port: server.address().port }));
  });
}

function close(server) {
  return new Promise((resolve) => server.close(resolve));
}
