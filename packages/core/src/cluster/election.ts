import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeetingPlace } from './meeting-place.js';

/** Either this one leads, and the others come to it, or it has found the one that does. */
export type Election = WonElection | { readonly isLeader: false; readonly socket: Socket };

export interface WonElection {
  readonly isLeader: true;
  readonly server: Server;
  readonly number: number;
}

/** A leader has its socket bound before it listens: in between, for less than a millisecond, it refuses. */
const refusedAgainMillis = 30;
const maxRounds = 50;

/**
 * Finds the leader of a group, or becomes it. The first to bind the socket with the next number leads; binding a
 * path is exclusive, so that of several that try after the last leader's death one succeeds.
 *
 * @throws when the place cannot be used
 */
export async function elect(place: MeetingPlace): Promise<Election> {
  for (let round = 0; round < maxRounds; round++) {
    const numbers = await place.leaders();
    const last = numbers.at(-1) ?? 0;
    if (last > 0) {
      const socket = await reach(place.socket(last));
      if (socket) return { isLeader: false, socket };
      // Gone in between; the next one may be there already.
      if (process.platform !== 'win32' && !(await place.leaders()).includes(last)) continue;
    }
    const number = process.platform === 'win32' ? 1 : last + 1;
    const server = await lead(place.socket(number));
    if (server) return { isLeader: true, server, number };
  }
  throw new Error('no leader was found, and none could be made');
}

/** Connects to a socket; undefined if no process listens on it. */
async function reach(path: string): Promise<Socket | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connected(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code !== 'ECONNREFUSED' && code !== 'EAGAIN' && code !== 'EPIPE' && code !== 'ECONNRESET')
        throw error;
      if (code === 'ECONNREFUSED' && attempt > 0) return undefined;
      if (attempt > maxRounds) throw error;
      await delay(refusedAgainMillis);
    }
  }
}

/** Whether a process listens on a socket. */
export async function isListenedOn(path: string): Promise<boolean> {
  const socket = await reach(path).catch(() => undefined);
  socket?.destroy();
  return socket !== undefined;
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Listens on a socket; undefined if another process listens on it. */
function lead(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    // A cluster would share the socket through its primary.
    server.listen({ path, exclusive: true }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      server.unref();
      resolve(server);
    });
  });
}
