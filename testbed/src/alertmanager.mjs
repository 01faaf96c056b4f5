import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';

/** What to do if there is no Alertmanager. */
export const alertmanagerHint = backendHint('alertmanager');

/**
 * A throw-away Alertmanager.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps configuration and data
 * @param {Record<string, unknown>} options.config the configuration file, as JSON, which is YAML too
 * @param {number} options.port
 * @returns {Promise<{ url: string, stop: () => Promise<unknown> } | undefined>} undefined if there is none
 */
export async function startAlertmanager({ processes, folder, config, port }) {
  const command = backendProgram('alertmanager');
  if (!command) return undefined;
  const home = join(folder, `alertmanager-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { recursive: true });
  const file = join(home, 'alertmanager.yaml');
  writeFileSync(file, JSON.stringify(config));
  const server = processes.start('Alertmanager', command, [
    `--config.file=${file}`,
    `--storage.path=${join(home, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // One alone.
    '--cluster.listen-address=',
  ]);
  await server.fromLine((line) => /Listening on/.test(line) || undefined, 60_000);
  return { url: `http://127.0.0.1:${port}`, stop: server.stop };
}
