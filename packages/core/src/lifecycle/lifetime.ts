import { ObservabilityError } from '../model/errors.js';
import type { Part } from '../model/part.js';
import { within } from '../timing/within.js';

/** One part in so many of the time of a shutdown is kept for what serves. */
const servingShare = 5;

type Parts = readonly (Part | undefined)[];

/**
 * The parts of an instance by the phase in which they end, each list in the order in which they started: the last to
 * start is the first to end. What the options leave out is undefined.
 */
export interface Phases {
  /** What records: patches, plugins, listeners. They end at once. */
  readonly recording: Parts;
  /** What sends spans and log lines. */
  readonly export: Parts;
  /** What sends metrics: after the export, so that its counts are among them. */
  readonly push: Parts;
  /** What answers scrapes: after all that is counted, so that the last scrape gets the final counts. */
  readonly serving: Parts;
  /** What the whole process shares. */
  readonly globals: Parts;
}

/** The life of an instance from its start to its shutdown. */
export interface Lifetime {
  /** Another part that records; it ends before those that are there already. */
  add(part: Part): void;
  /** Sends what waits. Never rejects; gives up after the time. */
  flush(timeoutMillis: number): Promise<void>;
  /** Sends what waits for a backend, and leaves nothing to other processes. Never rejects; gives up after the time. */
  send(timeoutMillis: number): Promise<void>;
  /** Notifies every part that the end is near. */
  hurry(longestMillis: number): void;
  /** Ends every part, phase by phase. Idempotent; never rejects. The whole takes at most this time. */
  stop(timeoutMillis: number): Promise<void>;
}

/** @param report gets the error of a part that throws; the other parts still end */
export function createLifetime(phases: Phases, report: (error: ObservabilityError) => void): Lifetime {
  const recording = present(phases.recording);
  const exporting = present(phases.export);
  const pushing = present(phases.push);
  const serving = present(phases.serving);
  const globals = present(phases.globals);
  const all = () => [...recording, ...exporting, ...pushing, ...serving, ...globals];
  let stopped: Promise<void> | undefined;

  /** Calls every part, even if others fail. */
  function each(parts: readonly Part[], call: (part: Part) => unknown): Promise<unknown>[] {
    return parts.flatMap((part) => {
      try {
        const result = call(part);
        return result instanceof Promise ? result : [];
      } catch (cause) {
        report(new ObservabilityError('OBS_SHUTDOWN_FAILED', undefined, { cause }));
        return [];
      }
    });
  }

  async function flush(parts: readonly Part[], timeoutMillis: number): Promise<void> {
    await within(
      timeoutMillis,
      each(parts, (part) => part.flush?.()),
    );
  }

  async function end(parts: readonly Part[], timeoutMillis: number): Promise<void> {
    const work = each([...parts].reverse(), (part) => part.stop?.());
    if (work.length > 0) await within(timeoutMillis, work);
    each(parts, (part) => part.abandon?.());
  }

  async function endAll(timeoutMillis: number): Promise<void> {
    const endMillis = performance.now() + timeoutMillis;
    const leftMillis = () => Math.max(0, endMillis - performance.now());
    // A backend that hangs must not keep the other processes of the service from taking over, nor the port.
    const servingMillis = serving.length > 0 ? timeoutMillis / servingShare : 0;
    each(all(), (part) => part.hurry?.(timeoutMillis));
    each(recording.splice(0).reverse(), (part) => part.stop?.());
    const sendingMillis = leftMillis() - servingMillis;
    // Nor must it keep the push from its half.
    await end(exporting, pushing.length > 0 ? sendingMillis / 2 : sendingMillis);
    await end(pushing, leftMillis() - servingMillis);
    await end(serving, leftMillis());
    await end(globals, leftMillis());
  }

  return {
    add: (part) => void recording.push(part),
    flush: (timeoutMillis) => flush(all(), timeoutMillis),
    send: (timeoutMillis) => flush([...exporting, ...pushing], timeoutMillis),
    hurry: (longestMillis) => void each(all(), (part) => part.hurry?.(longestMillis)),
    stop(timeoutMillis) {
      stopped ??= endAll(timeoutMillis);
      return stopped;
    },
  };
}

function present(parts: Parts): Part[] {
  return parts.filter((part) => part !== undefined);
}
