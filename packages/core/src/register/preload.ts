import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { processState } from '../instance/process-state.js';
import { readEnvironment } from '../model/environment.js';
import type { ProcessKind } from '../model/process-kind.js';
import { awaitServing } from './await-serving.js';
import { processKind, toolOfThread } from './process-role.js';

const kindKey = 'throughline.register.kind';

/**
 * Whether this process is to be observed, now or later. What this file imports is all that a launcher pays for.
 *
 * @returns undefined for a launcher, in which nothing is to be loaded; otherwise starts what `load` gave
 */
export function preload(): ((observe: (script: string | undefined) => void) => void) | undefined {
  const kind = kindOfThread();
  processState().register = kind;
  const { role, script = kind.startedWith, program } = kind;
  if (role === 'launcher') return undefined;
  if (role === 'undecided') {
    return (observe) =>
      awaitServing((served) => {
        if (isMainThread) setEnvironmentData(kindKey, { ...kind, role: 'service', script: served });
        processState().register = { ...kind, role: 'service' };
        observe(served);
      });
  }
  // A script of the service has its package above it; an installed program would give its own name.
  const isInstalled = program !== undefined && kind.script === undefined;
  return (observe) => observe(isInstalled ? undefined : script);
}

interface StartedKind extends ProcessKind {
  /** The script that Node was started with. */
  readonly startedWith: string | undefined;
}

/** A thread is what its process is, and the same service, wherever its file is. Threads of tools are left alone. */
function kindOfThread(): StartedKind {
  const startedWith = process.argv[1];
  const known = isMainThread ? undefined : (getEnvironmentData(kindKey) as StartedKind | undefined);
  // The file of a thread is known here with `--import`, not with `--require`.
  const tool = known && toolOfThread(startedWith);
  if (tool !== undefined) return { role: 'launcher', program: tool, startedWith };
  if (known) return known;
  const kind = processKind({
    execPath: process.execPath,
    execArgv: process.execArgv,
    script: startedWith,
    environment: readEnvironment(),
  });
  const started = { ...kind, startedWith };
  if (isMainThread) setEnvironmentData(kindKey, started);
  return started;
}
