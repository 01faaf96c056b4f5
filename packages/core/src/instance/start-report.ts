import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis } from '../diagnosis/diagnosis.js';
import type { Observability } from './observability.js';
import { processState } from './process-state.js';

/** What the command tells the processes that it starts, as JSON in THROUGHLINE_DOCTOR. */
export interface ProbeSettings {
  /** Where reports are left. */
  readonly folder: string;
  /** How long the service may take to be up. */
  readonly waitMillis: number;
  readonly testLine: boolean;
}

/** What one process of the service was found to be. */
export interface ProbeReport {
  readonly pid: number;
  readonly script: string | undefined;
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
/** A service that has started Throughline and listens nowhere, such as a consumer, counts as up after this. */
const quietMillis = 2_500;
/** What a service loads right after it has begun to listen. */
const settleMillis = 400;
/** Whoever listens for so long without Throughline will not start it any more. */
const lateStartMillis = 4_000;

/** Leaves one report, and another one only where it says more. */
export function leaveReport({ folder, waitMillis, testLine }: ProbeSettings): void {
  const beganAt = performance.now();
  let isOver = false;
  let isTold = false;
  let started: Observability | undefined;
  let readyAt = Number.POSITIVE_INFINITY;
  let listeningSince = Number.POSITIVE_INFINITY;

  processState().probe = {
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
  };

  const timer = setInterval(look, lookIntervalMillis);
  timer.unref();
  // A script that is done.
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
      // It may start Throughline after all.
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
    const report: ProbeReport = { pid: process.pid, script: process.argv[1], outcome };
    const file = join(folder, `${process.pid}.json`);
    try {
      writeFileSync(`${file}.part`, JSON.stringify(report));
      renameSync(`${file}.part`, file);
    } catch {
      // The command has gone.
    }
  }
}

/** Whether a server holds the process; Throughline's own does not. */
function isListening(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => name === 'TCPServerWrap' || name === 'PipeServerWrap');
}
