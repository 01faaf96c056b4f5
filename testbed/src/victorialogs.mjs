import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';
import { anyFreePort } from './ports.mjs';
import { untilReady } from './ready.mjs';

/** What to do if there is no VictoriaLogs. */
export const victoriaLogsHint = backendHint('victoria-logs');

/**
 * VictoriaLogs at VICTORIALOGS_URL, or a throw-away server from a binary.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps the data
 * @param {number} [options.port] any free one by default
 * @returns {Promise<{ url: string, otlpUrl: string, stop: () => Promise<unknown> } | undefined>} undefined if
 *   there is neither. `otlpUrl` takes OTLP as protobuf only, as a Collector sends it
 */
export async function startVictoriaLogs({ processes, folder, port }) {
  const { VICTORIALOGS_URL: url } = process.env;
  if (url) return { ...addresses(url.replace(/\/+$/, '')), stop: async () => {} };
  const command = backendProgram('victoria-logs');
  if (!command) return undefined;
  const home = join(folder, `victorialogs-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const address = `http://127.0.0.1:${port ?? (await anyFreePort())}`;
  const server = processes.start(
    'VictoriaLogs',
    command,
    [
      `-httpListenAddr=${new URL(address).host}`,
      `-storageDataPath=${join(home, 'data')}`,
      '-loggerLevel=WARN',
    ],
    { logFile: join(home, 'victorialogs.log') },
  );
  await untilReady('VictoriaLogs', `${address}/health`, server, 60_000);
  return { ...addresses(address), stop: server.stop };
}

function addresses(url) {
  return { url, otlpUrl: `${url}/insert/opentelemetry` };
}

/**
 * The log records that a query finds, newest first. A record has `_msg`, `_time`, and every attribute of it and of its
 * resource by its own name, such as `service.name`.
 *
 * @param {string} url
 * @param {string} query LogsQL: https://docs.victoriametrics.com/victorialogs/logsql/
 * @param {{ limit?: number, start?: string }} [options] `start` as LogsQL has it: `5m` is five minutes ago
 * @returns {Promise<Record<string, string>[]>}
 */
export async function findLogRecords(url, query, { limit = 1_000, start = '1h' } = {}) {
  const body = new URLSearchParams({ query, limit: String(limit), start });
  const response = await fetch(`${url}/select/logsql/query`, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.trim().slice(0, 500)}`);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
