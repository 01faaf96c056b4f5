import { createServer } from 'node:net';

/** The port if nothing listens on it, on any address that `localhost` may mean; otherwise 0, for any free one. */
export async function freeOrAny(port) {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
    if (await isTaken(port, host)) return 0;
  }
  return port;
}

/** For a program that cannot choose a port by itself. */
export async function anyFreePort() {
  const { server, port } = await listen(0, '127.0.0.1');
  await close(server);
  return port;
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
