import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from './ports.mjs';

/** What to do where there is no Prometheus. */
export const prometheusHint =
  'put the binaries prometheus and promtool of Prometheus 3 on the PATH, or set PROMETHEUS_URL and PROMTOOL';

/**
 * Prometheus at PROMETHEUS_URL, or a throw-away server from a binary, with exemplars and its OTLP intake on.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and data
 * @param {Record<string, unknown>} [options.config] the configuration file, as JSON, which is YAML too
 * @param {readonly string[]} [options.arguments] further arguments for the server
 * @returns {Promise<{ url: string, isOwn: boolean, stop: () => Promise<unknown> } | undefined>} undefined where
 *   there is neither; a server that is not our own does not scrape what `config` says
 */
export async function startPrometheus({ processes, folder, config = {}, arguments: further = [] }) {
  const { PROMETHEUS_URL: url } = process.env;
  if (url) return { url: url.replace(/\/+$/, ''), isOwn: false, stop: async () => {} };
  const command = backendBinary('prometheus');
  if (!command) return undefined;
  const home = join(folder, `prometheus-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const configFile = join(home, 'prometheus.yml');
  writeFileSync(configFile, JSON.stringify(config));
  const port = await anyFreePort();
  const server = processes.start('Prometheus', command, [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(home, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-otlp-receiver',
    '--enable-feature=exemplar-storage',
    ...further,
  ]);
  await server.fromLine((line) => /Server is ready to receive web requests/.test(line) || undefined, 60_000);
  return { url: `http://127.0.0.1:${port}`, isOwn: true, stop: server.stop };
}

/** The path of promtool, from PROMTOOL or where the server's binary would be; undefined where there is none. */
export function promtool() {
  return process.env.PROMTOOL || backendBinary('promtool');
}

/** A binary on the PATH, or in the cache folders that builds of the backends go to. */
function backendBinary(name) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return [
    name,
    join(cache, 'throughline/backends', name),
    join(cache, 'throughline-backends/bin', name),
  ].find((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0);
}
