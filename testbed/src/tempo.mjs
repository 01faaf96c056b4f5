import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasDocker } from './docker.mjs';
import { anyFreePort } from './ports.mjs';
import { untilReady } from './ready.mjs';

/** The image of examples/stack/compose.yaml. */
const image = 'grafana/tempo:2.10.5';

/**
 * Tempo at STACK_TEMPO_URL (its API) and STACK_TEMPO_OTLP_URL (its intake, by default port 4318 of the same host), or
 * a throw-away container where there is Docker.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps the configuration
 * @param {(ports: { port: number, grpcPort: number, otlpPort: number, data: string }) => object} [options.config]
 *   the configuration file, as JSON, which is YAML too
 * @returns {Promise<{ url: string, otlpUrl: string, stop: () => Promise<unknown> } | undefined>} undefined if
 *   there is neither
 */
export async function startTempo({ processes, folder, config = tempoConfig }) {
  const { STACK_TEMPO_URL: url, STACK_TEMPO_OTLP_URL: otlpUrl } = process.env;
  const trimmed = (text) => text.replace(/\/+$/, '');
  if (url) {
    const intake = otlpUrl ?? `http://${new URL(url).hostname}:4318`;
    return { url: trimmed(url), otlpUrl: trimmed(intake), stop: async () => {} };
  }
  if (!hasDocker()) return undefined;
  const home = join(folder, `tempo-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const ports = {
    port: await anyFreePort(),
    grpcPort: await anyFreePort(),
    otlpPort: await anyFreePort(),
  };
  const file = join(home, 'tempo.yaml');
  writeFileSync(file, JSON.stringify(config({ ...ports, data: '/tmp/tempo' })));
  const server = processes.start(
    'Tempo',
    'docker',
    [
      ...['run', '--rm', '--network', 'host', '-v', `${file}:/tempo.yaml:ro`],
      ...[image, '-config.file=/tempo.yaml'],
    ],
    { logFile: join(home, 'tempo.log') },
  );
  const address = `http://127.0.0.1:${ports.port}`;
  // The image may have to be fetched first.
  await untilReady('Tempo', `${address}/ready`, server, 300_000);
  return { url: address, otlpUrl: `http://127.0.0.1:${ports.otlpPort}`, stop: server.stop };
}

/** A Tempo in one process: OTLP in, traces by id out. */
function tempoConfig({ port, grpcPort, otlpPort, data }) {
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

/** Its components find each other on the loopback interface, so the network of the machine does not matter. */
const ring = { kvstore: { store: 'inmemory' } };
const onLoopback = {
  ingester: {
    lifecycler: { address: '127.0.0.1', ring: { ...ring, replication_factor: 1 }, min_ready_duration: '0s' },
  },
  memberlist: { abort_if_cluster_join_fails: false, bind_addr: ['127.0.0.1'], bind_port: 0 },
};
