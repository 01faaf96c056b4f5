/*
 * Moves a service over with `throughline init` alone, as a user does, and looks at what the service then records.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { anyFreePort } from '@throughline/testbed/ports';
import { untilReady } from '@throughline/testbed/ready';
import { environmentOfUser, runIn } from '../packed.mjs';

/**
 * @param {{
 *   processes: ReturnType<typeof import('@throughline/testbed/processes').createProcesses>,
 *   folder: string,
 *   command: string,
 *   args?: readonly string[],
 *   env?: Readonly<Record<string, string>>,
 *   build?: readonly string[],
 *   start: (port: number) => readonly string[],
 *   path?: string,
 *   request?: string,
 *   serviceName: string,
 * }} service `command` is the file of the installed command `throughline`; `build` runs
 *   after it; the service is there once `path` is answered with success; then `request` is requested
 */
export async function moveOver(service) {
  const {
    processes,
    folder,
    command,
    args = [],
    env = {},
    build,
    start,
    path = '/',
    request,
    serviceName,
  } = service;
  const init = await throughline(command, ['init', '--yes', '--team', 'checkout', ...args], folder, env);
  if (init.code !== 0) return { init };
  if (build) await runIn(folder, build[0], build.slice(1));
  const intake = await startIntake();
  try {
    const port = await anyFreePort();
    const metricsPort = await anyFreePort();
    const [program, ...programArgs] = start(port);
    const running = processes.start(serviceName, program, programArgs, {
      cwd: folder,
      env: {
        ...environmentOfUser(),
        ...env,
        PORT: String(port),
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      },
    });
    await untilReady(serviceName, `http://127.0.0.1:${port}${path}`, running, 60_000);
    if (request !== undefined) await (await fetch(`http://127.0.0.1:${port}${request}`)).arrayBuffer();
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    // What is still queued is sent when the service ends.
    await running.stop();
    return { init, metrics, spans: intake.spansOf(serviceName), lines: running.lines };
  } finally {
    await intake.stop();
  }
}

/** Runs the command, and returns what it printed with its exit code. */
export function throughline(command, args, folder, env = {}) {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...environmentOfUser(), ...env }, maxBuffer: 1e8 };
    const child = execFile(process.execPath, [command, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}

/** All files with their bytes, without those of the package manager in node_modules. */
export function filesOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes('node_modules'))
      .map((path) => [relative(folder, path), readFileSync(path).toString('base64')]),
  );
}
