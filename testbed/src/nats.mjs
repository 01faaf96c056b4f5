import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';

/** What to do if there is no server of NATS. */
export const natsHint = backendHint('nats-server');

/**
 * A throw-away server of NATS with JetStream; if NATS_URL names one, that one.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and data
 * @param {boolean} [options.hasHeaders] false for a server whose clients cannot send headers. Default: true
 * @returns {Promise<{ url: string, stop: () => Promise<unknown> } | undefined>} undefined if there is none
 */
export async function startNats({ processes, folder, hasHeaders = true }) {
  const given = process.env.NATS_URL;
  if (given && hasHeaders) return { url: given, stop: async () => {} };
  const command = backendProgram('nats-server');
  if (!command) return undefined;
  const home = join(folder, `nats-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const file = join(home, 'nats.conf');
  writeFileSync(
    file,
    JSON.stringify({
      host: '127.0.0.1',
      // The server chooses a free one.
      port: -1,
      // JetStream needs headers.
      ...(hasHeaders ? { jetstream: { store_dir: join(home, 'data') } } : { no_header_support: true }),
    }),
  );
  const server = processes.start('NATS', command, ['--config', file]);
  const port = await server.fromLine(
    (line) => /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1],
    60_000,
  );
  await server.fromLine((line) => /Server is ready/.test(line) || undefined, 60_000);
  return { url: `nats://127.0.0.1:${port}`, stop: server.stop };
}
