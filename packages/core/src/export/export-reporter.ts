import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type ErrorCode, ObservabilityError } from '../model/errors.js';
import { oncePerInterval } from '../timing/once-per-interval.js';
import type { ExportObserver } from './counted-queue.js';

const quietMillis = 60_000;

/** Says what was lost, and knows whether the intake takes anything at present. */
export interface ExportReporter extends ExportObserver {
  /** Whether the last export failed. */
  hasFailed(): boolean;
}

/** Reports lost data at most once a minute, with the amount since the last report. */
export function exportReporter(
  what: 'spans' | 'log records' | 'metric points',
  endpoint: string,
  reportTo: (error: ObservabilityError) => void,
  failedCode: ErrorCode = 'OBS_EXPORT_FAILED',
): ExportReporter {
  // An export fails in the context of whichever request it was started in; its trace has nothing to do with it.
  const report = (error: ObservabilityError) => context.with(ROOT_CONTEXT, reportTo, undefined, error);
  let failedCount = 0;
  let droppedCount = 0;
  let hasFailed = false;
  const sayFailed = oncePerInterval(quietMillis, (error: Error | undefined) => {
    const reason = reasonOf(error);
    report(
      new ObservabilityError(failedCode, `${failedCount} ${what} could not be sent to ${endpoint}${reason}.`),
    );
    failedCount = 0;
  });
  const sayDropped = oncePerInterval(quietMillis, () => {
    report(
      new ObservabilityError(
        'OBS_EXPORT_DROPPED',
        `${droppedCount} ${what} were dropped, because the queue to ${endpoint} is full.`,
      ),
    );
    droppedCount = 0;
  });
  return {
    hasFailed: () => hasFailed,
    exported() {
      hasFailed = false;
    },
    failed(count, _durationSeconds, error) {
      hasFailed = true;
      failedCount += count;
      sayFailed(error);
    },
    dropped(count) {
      droppedCount += count;
      sayDropped();
    },
  };
}

function reasonOf(error: Error | undefined): string {
  if (!error) return '';
  const { code } = error as { code?: unknown };
  const words = [code === undefined ? '' : String(code), error.message]
    .filter((word) => word !== '')
    .filter((word, index, all) => !all.slice(0, index).some((earlier) => word.includes(earlier)));
  return words.length > 0 ? `: ${words.join(' ')}` : '';
}

export function observeBoth(first: ExportObserver, second: ExportObserver): ExportObserver {
  return {
    exported(count, durationSeconds) {
      first.exported(count, durationSeconds);
      second.exported(count, durationSeconds);
    },
    failed(count, durationSeconds, error) {
      first.failed(count, durationSeconds, error);
      second.failed(count, durationSeconds, error);
    },
    dropped(count) {
      first.dropped(count);
      second.dropped(count);
    },
  };
}
