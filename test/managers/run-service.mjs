import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { runIn } from '../packed.mjs';
import { serviceSource } from './service.mjs';

/**
 * Installs a service with one package manager into an empty folder and runs it as CommonJS and as ES modules.
 *
 * @param {import('./managers.mjs').Manager} manager
 * @param {{ name: string, dependencies: Record<string, string> }} service
 * @param {{ tarballs: Readonly<Record<string, string>>, runnable: (command: readonly string[]) => string[] }} given the
 *   packed packages, and what installTools() gives
 * @param {{ fromLock?: boolean, audit?: boolean }} [options] whether to install once more from the lock file, and to ask
 *   the registry for known vulnerabilities
 * @returns {Promise<{ signals: Record<'traces' | 'metrics' | 'logs', boolean>, faults: string[], unchecked: string[], codes: string[] }>}
 */
export async function runService(
  manager,
  service,
  { tarballs, runnable },
  { fromLock = false, audit = false } = {},
) {
  const split = (command) => {
    const [program, ...args] = runnable(command);
    return [program, args];
  };
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-manager-')));
  const folder = manager.workspace ? join(root, 'services/orders') : root;
  const faults = [];
  const unchecked = [];
  const signals = { traces: true, metrics: true, logs: true };
  const codes = new Set();
  try {
    writeManifests(root, folder, manager, service, tarballs);
    await runIn(root, ...split(manager.install));
    if (fromLock) {
      rmSync(join(root, 'node_modules'), { recursive: true, force: true });
      await runIn(root, ...split(manager.fromLock));
    }
    for (const [what, command] of [
      ['ls', manager.list],
      ['audit', audit ? manager.audit : undefined],
    ]) {
      if (!command) continue;
      await runIn(root, ...split(command)).catch((error) => {
        // A registry without that service says nothing about what is installed.
        if (/audit endpoint returned an error/.test(error.message)) unchecked.push(what);
        else faults.push(`${what}: ${error.message}`);
      });
    }
    for (const format of ['cjs', 'esm']) {
      const seen = await signalsOf(folder, split(manager.node ?? [process.execPath]), service, format);
      for (const name of Object.keys(signals)) signals[name] &&= seen[name];
      for (const code of seen.codes) codes.add(code);
      if (!seen.traces || !seen.metrics || !seen.logs) faults.push(`${format}: ${seen.output}`);
    }
  } catch (error) {
    faults.push(error.message);
    for (const name of Object.keys(signals)) signals[name] = false;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { signals, faults, unchecked, codes: [...codes].sort() };
}

function writeManifests(root, folder, manager, service, tarballs) {
  mkdirSync(folder, { recursive: true });
  const packed = Object.fromEntries(
    ['core', 'express'].map((name) => [`@throughline/${name}`, `file:${tarballs[name]}`]),
  );
  const manifest = {
    name: 'orders',
    version: '4.5.6',
    private: true,
    license: 'UNLICENSED',
    dependencies: { express: '5.3.0', ...service.dependencies, ...packed },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  if (root !== folder) {
    const workspace = {
      name: 'shop',
      version: '1.0.0',
      private: true,
      license: 'UNLICENSED',
      workspaces: ['services/*'],
    };
    writeFileSync(join(root, 'package.json'), JSON.stringify(workspace, null, 2));
  }
  for (const [name, content] of Object.entries(manager.files ?? {})) writeFileSync(join(root, name), content);
}

async function signalsOf(folder, [program, args], { dependencies }, format) {
  const intake = await startIntake();
  try {
    const file = `service.${format === 'esm' ? 'mjs' : 'cjs'}`;
    writeFileSync(join(folder, file), serviceSource({ dependencies, format, endpoint: intake.url }));
    const output = await runIn(folder, program, [...args, file]);
    const spans = intake.spansOf('orders');
    const server = spans.find(({ kind, name }) => kind === 2 && name === 'GET /orders/:id');
    const priced = spans.find(({ name }) => name === 'price');
    const hasApi = '@opentelemetry/api' in dependencies;
    const hasPromClient = 'prom-client' in dependencies;
    return {
      traces: server !== undefined && (!hasApi || priced?.traceId === server.traceId),
      metrics:
        /^http_server_request_duration_seconds_count\{[^}]*http_route="\/orders\/:id"[^}]*\} 1$/m.test(
          output,
        ) &&
        (!hasPromClient || /^orders_read_total\{channel="web"[^}]*\} 1$/m.test(output)),
      logs: server !== undefined && output.includes(`"message":"order read","trace_id":"${server.traceId}"`),
      codes: [...output.matchAll(/"code":"(OBS_\w+)"/g)].map(([, code]) => code),
      output,
    };
  } finally {
    await intake.stop();
  }
}
