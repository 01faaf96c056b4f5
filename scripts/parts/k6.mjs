import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendHint, backendProgram } from './backend-programs.mjs';

/** What to do where there is no k6. */
export const k6Hint = backendHint('k6');

/**
 * Runs a load script until it is stopped.
 *
 * @param {object} options
 * @param {ReturnType<typeof import('./processes.mjs').createProcesses>} options.processes
 * @param {string} options.folder keeps what the script writes, and the figures
 * @param {string} options.script
 * @param {Record<string, string>} options.environment what the script reads from `__ENV`
 * @returns {{ stop: () => Promise<{ name: string, passes: number, fails: number }[]> } | undefined} `stop` gives the
 *   script's own checks and how often they held; undefined where there is no k6
 */
export function startK6({ processes, folder, script, environment }) {
  const command = backendProgram('k6');
  if (!command) return undefined;
  const figures = join(folder, 'k6.json');
  const load = processes.start(
    'k6',
    command,
    // Without the API that it listens with, and without reports to its makers.
    ['run', '--quiet', '--no-usage-report', '--address=', `--summary-export=${figures}`, script],
    {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
      logFile: join(folder, 'k6.log'),
      stopSignal: 'SIGINT',
      // Customers end their round first.
      graceMillis: 40_000,
    },
  );
  return {
    async stop() {
      await load.stop();
      try {
        return Object.values(JSON.parse(readFileSync(figures, 'utf8')).root_group.checks);
      } catch (error) {
        throw new Error(['k6 left no figures:', ...load.lines.slice(-20)].join('\n'), { cause: error });
      }
    },
  };
}
