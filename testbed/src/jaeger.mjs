import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';
import { anyFreePort } from './ports.mjs';
import { untilReady } from './ready.mjs';

/** What to do if there is no Jaeger. */
export const jaegerHint = backendHint('jaeger');

/**
 * Jaeger at JAEGER_QUERY_URL (its API and page) and JAEGER_OTLP_URL (its intake, by default port 4318 of this
 * machine), or a throw-away server from a binary, which keeps traces in memory.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps the configuration
 * @param {number} [options.port] of the API; any free one by default
 * @param {number} [options.metricsPort] of Jaeger's own metrics; none by default
 * @param {Record<string, object>} [options.receivers] intakes other than OTLP, as in the configuration of a Collector
 * @returns {Promise<{ url: string, otlpUrl: string, stop: () => Promise<unknown> } | undefined>} undefined if
 *   there is neither
 */
export async function startJaeger({ processes, folder, port, metricsPort, receivers = {} }) {
  const { JAEGER_QUERY_URL: url, JAEGER_OTLP_URL: otlpUrl = 'http://127.0.0.1:4318' } = process.env;
  const trimmed = (text) => text.replace(/\/+$/, '');
  if (url) return { url: trimmed(url), otlpUrl: trimmed(otlpUrl), stop: async () => {} };
  const command = backendProgram('jaeger');
  if (!command) return undefined;
  const home = join(folder, `jaeger-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const httpPort = port ?? (await anyFreePort());
  const [grpcPort, otlpPort] = [await anyFreePort(), await anyFreePort()];
  const file = join(home, 'jaeger.yaml');
  writeFileSync(file, JSON.stringify(jaegerConfig({ httpPort, grpcPort, otlpPort, metricsPort, receivers })));
  const server = processes.start('Jaeger', command, [`--config=${file}`], {
    logFile: join(home, 'jaeger.log'),
  });
  const address = `http://127.0.0.1:${httpPort}`;
  await untilReady('Jaeger', `${address}/api/v3/services`, server, 60_000);
  return { url: address, otlpUrl: `http://127.0.0.1:${otlpPort}`, stop: server.stop };
}

/** JSON is YAML too. https://www.jaegertracing.io/docs/latest/deployment/configuration/ */
function jaegerConfig({ httpPort, grpcPort, otlpPort, metricsPort, receivers }) {
  const intakes = {
    ...receivers,
    otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } },
  };
  return {
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: `127.0.0.1:${httpPort}` },
        grpc: { endpoint: `127.0.0.1:${grpcPort}` },
      },
    },
    receivers: intakes,
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      telemetry: {
        metrics: metricsPort
          ? { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: metricsPort } } } }] }
          : { level: 'none' },
        logs: { level: 'warn' },
      },
      pipelines: {
        traces: { receivers: Object.keys(intakes), exporters: ['jaeger_storage_exporter'] },
      },
    },
  };
}
