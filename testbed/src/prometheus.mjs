import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no Prometheus. */
export const prometheusHint = backendHint('prometheus');

/**
 * Prometheus at PROMETHEUS_URL, or a throw-away server from a binary, with exemplars and its OTLP intake on.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and data
 * @param {Record<string, unknown>} [options.config] the configuration file, as JSON, which is YAML too
 * @param {readonly string[]} [options.arguments] further arguments for the server
 * @param {number} [options.port] any free one by default
 * @param {string} [options.url] one that runs already; '' where only a server with `config` will do
 * @returns {Promise<{ url: string, isOwn: boolean, stop: () => Promise<unknown> } | undefined>} undefined if
 *   there is neither; a server that is not our own does not scrape what `config` says
 */
export async function startPrometheus({
  processes,
  folder,
  config = {},
  arguments: further = [],
  port,
  url = process.env.PROMETHEUS_URL,
}) {
  if (url) return { url: url.replace(/\/+$/, ''), isOwn: false, stop: async () => {} };
  const command = backendProgram('prometheus');
  if (!command) return undefined;
  const home = join(folder, `prometheus-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const configFile = join(home, 'prometheus.yml');
  writeFileSync(configFile, JSON.stringify(config));
  const listenPort = port ?? (await anyFreePort());
  const server = processes.start('Prometheus', command, [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(home, 'data')}`,
    `--web.listen-address=127.0.0.1:${listenPort}`,
    '--web.enable-otlp-receiver',
    '--enable-feature=exemplar-storage',
    ...further,
  ]);
  await server.fromLine((line) => /Server is ready to receive web requests/.test(line) || undefined, 60_000);
  return { url: `http://127.0.0.1:${listenPort}`, isOwn: true, stop: server.stop };
}
