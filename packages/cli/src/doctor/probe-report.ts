import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis, Observability } from '@throughline/core';
import { type ProcessKind, processState, setStartProbe } from '@throughline/core/internal';

/** Settings of the probe, which the command passes as JSON in THROUGHLINE_DOCTOR. */
export interface ProbeSettings {
  /** Where each process leaves its report. */
  readonly folder: string;
  /** How long the service may take to be up. */
  readonly waitMillis: number;
  readonly testLine: boolean;
}

/** The report of one process of the service. */
export interface ProbeReport {
  readonly pid: number;
  readonly script: string | undefined;
  /** The kind of process that the `register` entry has detected, if that entry was loaded. */
  readonly register?: ProcessKind | undefined;
  readonly outcome:
    | {
        readonly kind: 'diagnosed';
        readonly isUp: boolean;
        readonly diagnosis: Diagnosis;
        readonly metrics: string;
      }
    /** `initObservability` threw. */
    | { readonly kind: 'failed'; readonly error: { code?: unknown; message: string; fix?: unknown } }
    | { readonly kind: 'not started'; readonly isListening: boolean }
    | { readonly kind: 'ended'; readonly exitCode: number; readonly wasStarted: boolean };
}

const lookIntervalMillis = 100;
/** A service that listens on no port, such as a consumer, counts as up so long after Throughline is ready. */
const quietMillis = 2_500;
/** Time to load what a service loads right after it has begun to listen. */
const settleMillis = 400;
/** A process that has listened for so long without Throughline is taken not to start it any more. */
const lateStartMillis = 4_000;

/** Leaves a report about this process, and replaces it when there is more to say. */
export function leaveReport({ folder, waitMillis, testLine }: ProbeSettings): void {
  const beganAt = performance.now();
  let isOver = false;
  let isTold = false;
  let started: Observability | undefined;
  let readyAt = Number.POSITIVE_INFINITY;
  let listeningSince = Number.POSITIVE_INFINITY;

  setStartProbe({
    started(observability) {
      started = observability;
      observability.ready.then(() => {
        readyAt = performance.now();
      });
    },
    failed(error) {
      over();
      const { code, fix, message } = error as { code?: unknown; fix?: unknown; message?: unknown };
      leave({ kind: 'failed', error: { code, fix, message: String(message ?? error) } });
    },
  });

  const timer = setInterval(look, lookIntervalMillis);
  timer.unref();
  // A script may end by itself before it counts as up.
  process.once('beforeExit', () => {
    if (!isOver && started) void diagnose(started, true);
  });
  process.once('exit', (exitCode) => {
    if (!isOver) leave({ kind: 'ended', exitCode, wasStarted: started !== undefined });
  });

  function look(): void {
    const now = performance.now();
    if (listeningSince === Number.POSITIVE_INFINITY && isListening()) listeningSince = now;
    const isLate = now - beganAt > waitMillis;
    if (started) {
      const upSince = Math.min(listeningSince, readyAt + quietMillis);
      const isUp = now - Math.max(upSince, readyAt) > settleMillis;
      if (isUp || isLate) void diagnose(started, isUp);
    } else if (isLate || now - listeningSince > lateStartMillis) {
      // Throughline may still start later.
      if (!isTold) leave({ kind: 'not started', isListening: listeningSince !== Number.POSITIVE_INFINITY });
      isTold = true;
    }
  }

  async function diagnose(observability: Observability, isUp: boolean): Promise<void> {
    over();
    const diagnosis = await observability.diagnose({ testLine });
    const metrics = await observability.metrics.render().catch(() => ({ body: '' }));
    leave({ kind: 'diagnosed', isUp, diagnosis, metrics: metrics.body });
  }

  function over(): void {
    isOver = true;
    clearInterval(timer);
  }

  function leave(outcome: ProbeReport['outcome']): void {
    const { register } = processState();
    const report: ProbeReport = { pid: process.pid, script: process.argv[1], register, outcome };
    const file = join(folder, `${process.pid}.json`);
    try {
      writeFileSync(`${file}.part`, JSON.stringify(report));
      renameSync(`${file}.part`, file);
    } catch {
      // The command has ended and removed its folder.
    }
  }
}

/** Whether a server keeps the process alive; the metrics server of Throughline does not. */
function isListening(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => name === 'TCPServerWrap' || name === 'PipeServerWrap');
}
