import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no Collector. */
export const collectorHint = backendHint('otelcol');

/**
 * A throw-away OpenTelemetry Collector.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps the configuration
 * @param {number} [options.metricsPort] of the Collector's own metrics
 * @param {string[]} [options.args] of its command line, for example feature gates
 * @param {(ports: { otlpPort: number, grpcPort: number, healthPort: number, metricsPort: number }) => object}
 *   options.config the configuration file, as JSON, which is YAML too
 * @returns {Promise<{ otlpUrl: string, lines: string[], stop: () => Promise<unknown> } | undefined>} undefined if there is none
 */
export async function startCollector({ processes, folder, config, metricsPort, args = [] }) {
  const command = backendProgram('otelcol');
  if (!command) return undefined;
  const home = join(folder, `collector-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const ports = {
    otlpPort: await anyFreePort(),
    grpcPort: await anyFreePort(),
    healthPort: await anyFreePort(),
    metricsPort: metricsPort ?? (await anyFreePort()),
  };
  const file = join(home, 'collector.yaml');
  writeFileSync(file, JSON.stringify(config(ports)));
  const server = processes.start('the Collector', command, [`--config=${file}`, ...args]);
  await server.fromLine((line) => /Everything is ready/.test(line) || undefined, 60_000);
  return { otlpUrl: `http://127.0.0.1:${ports.otlpPort}`, lines: server.lines, stop: server.stop };
}
