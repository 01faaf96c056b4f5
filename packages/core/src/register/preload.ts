import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { processState } from '../instance/process-state.js';
import { readEnvironment } from '../model/environment.js';
import type { ProcessKind } from '../model/process-kind.js';
import { awaitServing } from './await-serving.js';
import { processKind } from './process-role.js';

const kindKey = 'throughline.register.kind';

/**
 * Whether this process is to be observed, now or later. What this file imports is all that a launcher pays for.
 *
 * @returns undefined for a launcher, in which nothing is to be loaded; otherwise starts what `load` gave
 */
export function preload(): ((observe: (script: string | undefined) => void) => void) | undefined {
  const kind = kindOfThread();
  processState().register = kind;
  const { role, script = process.argv[1], program } = kind;
  if (role === 'launcher') return undefined;
  if (role === 'undecided') {
    return (observe) =>
      awaitServing((served) => {
        if (isMainThread) setEnvironmentData(kindKey, { ...kind, role: 'service' });
        processState().register = { ...kind, role: 'service' };
        observe(served);
      });
  }
  // A script of the service has its package above it; an installed program would give its own name.
  const isInstalled = program !== undefined && kind.script === undefined;
  return (observe) => observe(isInstalled ? undefined : script);
}

/** A thread is what its process is. */
function kindOfThread(): ProcessKind {
  const known = isMainThread ? undefined : (getEnvironmentData(kindKey) as ProcessKind | undefined);
  if (known) return known;
  const kind = processKind({
    execPath: process.execPath,
    execArgv: process.execArgv,
    script: process.argv[1],
    environment: readEnvironment(),
  });
  if (isMainThread) setEnvironmentData(kindKey, { ...kind });
  return kind;
}
