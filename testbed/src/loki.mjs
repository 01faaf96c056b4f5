import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasDocker } from './docker.mjs';
import { anyFreePort } from './ports.mjs';
import { untilReady } from './ready.mjs';

/** The image of examples/stack/compose.yaml. */
const image = 'grafana/loki:3.7.8';

/**
 * Loki at STACK_LOKI_URL, or a throw-away container where there is Docker. One at STACK_LOKI_URL must have the
 * settings of `limits_config` below.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps the configuration
 * @param {number} [options.port] any free one by default
 * @param {(where: { port: number, grpcPort: number, data: string }) => string} [options.config] the configuration file
 * @returns undefined if there is neither
 */
export async function startLoki({ processes, folder, port, config = lokiConfig }) {
  const { STACK_LOKI_URL: url } = process.env;
  if (url) return { url: url.replace(/\/+$/, ''), stop: async () => {} };
  if (!hasDocker()) return undefined;
  const home = join(folder, `loki-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const ports = { port: port ?? (await anyFreePort()), grpcPort: await anyFreePort() };
  const file = join(home, 'loki.yaml');
  writeFileSync(file, config({ ...ports, data: '/tmp/loki' }));
  const server = processes.start(
    'Loki',
    'docker',
    [
      ...['run', '--rm', '--network', 'host', '-v', `${file}:/loki.yaml:ro`],
      ...[image, '-config.file=/loki.yaml'],
    ],
    { logFile: join(home, 'loki.log') },
  );
  const address = `http://127.0.0.1:${ports.port}`;
  // The image may have to be fetched first.
  await untilReady('Loki', `${address}/ready`, server, 300_000);
  return { url: address, stop: server.stop };
}

/**
 * A Loki in one process. What matters to a service's lines is in `limits_config`: which resource attributes become
 * labels; everything else, the trace among it, is structured metadata.
 * https://grafana.com/docs/loki/latest/send-data/otel/
 */
function lokiConfig({ port, grpcPort, data }) {
  return `auth_enabled: false
analytics:
  reporting_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: ${port}
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: ${grpcPort}
  log_level: warn
common:
  instance_addr: 127.0.0.1
  path_prefix: ${data}
  replication_factor: 1
  ring:
    kvstore:
      store: inmemory
  storage:
    filesystem:
      chunks_directory: ${data}/chunks
      rules_directory: ${data}/rules
schema_config:
  configs:
    - from: 2024-01-01
      store: tsdb
      object_store: filesystem
      schema: v13
      index:
        prefix: index_
        period: 24h
ingester:
  lifecycler:
    min_ready_duration: 0s
limits_config:
  allow_structured_metadata: true
  otlp_config:
    # The level: it has a dozen values at most.
    severity_text_as_label: true
    resource_attributes:
      ignore_defaults: true
      attributes_config:
        - action: index_label
          attributes:
            - service.name
            - service.namespace
            - deployment.environment.name
            - team
`;
}
