import type { Observability } from './observability.js';

/** Hears how `initObservability` went. `throughline doctor` sets one in each process of a service that it starts. */
export interface StartProbe {
  started(observability: Observability): void;
  /** `initObservability` threw. */
  failed(error: unknown): void;
}

/*
 * The command carries a copy of this file and preloads it, while the service loads the core that it has installed.
 * The two meet on globalThis. A change of StartProbe needs a new number, so that different versions do not meet.
 */
const key = Symbol.for('throughline.start-probe.1');
const holder = globalThis as { [key]?: StartProbe };

export function setStartProbe(probe: StartProbe): void {
  holder[key] = probe;
}

export function startProbe(): StartProbe | undefined {
  return holder[key];
}
