import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';
import { anyFreePort } from './ports.mjs';
import { untilReady } from './ready.mjs';

/** What to do where there is no Tempo. */
export const tempoHint = `${backendHint('tempo')}, or set TEMPO_URL and TEMPO_OTLP_URL`;

/**
 * Tempo at TEMPO_URL (its API) and TEMPO_OTLP_URL (its intake), or a throw-away server of Tempo 1.5 from a binary.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and data
 * @param {number} [options.port] of the API; any free one by default
 * @param {(ports: { port: number, grpcPort: number, otlpPort: number, data: string }) => object} [options.config]
 *   the configuration file, as JSON, which is YAML too
 * @returns {Promise<{ url: string, otlpUrl: string, isOwn: boolean, stop: () => Promise<unknown> } | undefined>}
 *   undefined where there is neither
 */
export async function startTempo({ processes, folder, port, config = tempoConfig }) {
  const { TEMPO_URL: url, TEMPO_OTLP_URL: otlpUrl = 'http://127.0.0.1:4318' } = process.env;
  const trimmed = (text) => text.replace(/\/+$/, '');
  if (url) return { url: trimmed(url), otlpUrl: trimmed(otlpUrl), isOwn: false, stop: async () => {} };
  const command = backendProgram('tempo');
  if (!command) return undefined;
  const home = join(folder, `tempo-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const ports = {
    port: port ?? (await anyFreePort()),
    grpcPort: await anyFreePort(),
    otlpPort: await anyFreePort(),
  };
  const file = join(home, 'tempo.yaml');
  writeFileSync(file, JSON.stringify(config({ ...ports, data: home })));
  const server = processes.start('Tempo', command, [`-config.file=${file}`], {
    logFile: join(home, 'tempo.log'),
  });
  const address = `http://127.0.0.1:${ports.port}`;
  await untilReady('Tempo', `${address}/ready`, server, 60_000);
  return { url: address, otlpUrl: `http://127.0.0.1:${ports.otlpPort}`, isOwn: true, stop: server.stop };
}

/** A Tempo in one process: OTLP in, traces by id out. */
export function tempoConfig({ port, grpcPort, otlpPort, data }) {
  return {
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: port,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpcPort,
      log_level: 'warn',
    },
    distributor: { receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } } },
    ...onLoopback,
    storage: {
      trace: { backend: 'local', wal: { path: join(data, 'wal') }, local: { path: join(data, 'blocks') } },
    },
  };
}

/** Its parts find each other on the machine itself, whatever its network looks like. */
const ring = { kvstore: { store: 'inmemory' } };
export const onLoopback = {
  ingester: {
    lifecycler: { address: '127.0.0.1', ring: { ...ring, replication_factor: 1 }, min_ready_duration: '0s' },
  },
  memberlist: { abort_if_cluster_join_fails: false, bind_addr: ['127.0.0.1'], bind_port: 0 },
};
