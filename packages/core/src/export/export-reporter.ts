import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type ErrorCode, ObservabilityError } from '../model/errors.js';
import { propertyOf } from '../model/foreign-error.js';
import type { ExportObserver } from './counted-queue.js';

/** Exports must succeed for so long, without a loss, before the trouble is over. */
const calmMillis = 5_000;
/** The same, when there was trouble shortly before: a backend that comes and goes must not fill the log. */
const longCalmMillis = 60_000;

export type ExportedItems = 'spans' | 'log records' | 'log lines' | 'metric points' | 'profiles';

/** Reports a problem of an export when it begins and when it ends, with the number of lost items. */
export interface ExportReporter extends ExportObserver {
  /** Whether the last export failed. */
  hasFailed(): boolean;
  /** The end is near: from now on, {@link stop} reports everything in one line. */
  hurry(): void;
  /** The end has come: reports losses that were not reported yet. */
  sayLoss(): void;
  /** The same, and also reports later losses. */
  stop(): void;
  /** Losses that were not reported yet, for callers that report them; undefined if nothing was lost. */
  takeLoss(): ObservabilityError | undefined;
}

export interface ExportReporterOptions {
  readonly what: ExportedItems;
  /** URL or path. */
  readonly target: string;
  readonly report: (error: ObservabilityError) => void;
  /** Default: `OBS_EXPORT_FAILED`. */
  readonly failedCode?: ErrorCode;
}

/** Reports lost data: one line when the trouble begins, one when it is over, one at the end. */
export function exportReporter({
  what,
  target,
  report: reportTo,
  failedCode = 'OBS_EXPORT_FAILED',
}: ExportReporterOptions): ExportReporter {
  // An export fails in the context of whichever request it was started in; its trace has nothing to do with it.
  const report = (error: ObservabilityError) => context.with(ROOT_CONTEXT, reportTo, undefined, error);
  const [sent, sending] = what === 'log lines' ? ['written', 'Writing'] : ['sent', 'Sending'];
  let failedCount = 0;
  let droppedCount = 0;
  let reason = '';
  /** The kinds of loss that were reported since the problem began. */
  let isFailureSaid = false;
  let isDropSaid = false;
  let lastLossMillis = 0;
  let lastRecoveryMillis = Number.NEGATIVE_INFINITY;
  /** How long exports must succeed before this trouble is over. */
  let neededMillis = calmMillis;
  let calmTimer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  let isEnding = false;
  let hasEnded = false;

  function lost(): void {
    lastLossMillis = performance.now();
    if (!isFailureSaid && !isDropSaid) {
      const isSoonAgain = lastLossMillis - lastRecoveryMillis < 2 * longCalmMillis;
      neededMillis = isSoonAgain ? longCalmMillis : calmMillis;
    }
  }

  function takeLoss(): ObservabilityError | undefined {
    clearTimeout(calmTimer);
    calmTimer = undefined;
    const failed = failedCount > 0 && `${failedCount} ${what} could not be ${sent} to ${target}${reason}.`;
    const dropped =
      droppedCount > 0 && `${droppedCount} ${what} were dropped, because the queue to ${target} was full.`;
    failedCount = 0;
    droppedCount = 0;
    if (!failed && !dropped) return undefined;
    const words = [failed, dropped].filter((part) => part !== false).join(' ');
    return new ObservabilityError(failed ? failedCode : 'OBS_EXPORT_DROPPED', words);
  }

  function sayLoss(): void {
    const loss = takeLoss();
    if (loss) report(loss);
  }

  function checkCalm(): void {
    calmTimer = undefined;
    if (failedCount + droppedCount === 0) return;
    const calm = performance.now() - lastLossMillis;
    if (calm < neededMillis) {
      startTimer(neededMillis - calm);
      return;
    }
    report(
      new ObservabilityError(
        'OBS_EXPORT_RECOVERED',
        `${sending} to ${target} works again. ${failedCount + droppedCount} ${what} were lost: ${failedCount} could not be ${sent}, ${droppedCount} were dropped.`,
      ),
    );
    failedCount = 0;
    droppedCount = 0;
    isFailureSaid = false;
    isDropSaid = false;
    lastRecoveryMillis = performance.now();
  }

  function startTimer(millis: number): void {
    calmTimer = setTimeout(checkCalm, millis);
    calmTimer.unref();
  }

  return {
    hasFailed: () => hasFailed,
    exported() {
      hasFailed = false;
      if (failedCount + droppedCount === 0 || calmTimer || isEnding) return;
      context.with(ROOT_CONTEXT, startTimer, undefined, neededMillis);
    },
    failed(count, _durationSeconds, error) {
      hasFailed = true;
      failedCount += count;
      reason = reasonOf(error);
      lost();
      // Nothing works again before the next success.
      clearTimeout(calmTimer);
      calmTimer = undefined;
      // What fails after the end is the last that was under way.
      if (hasEnded) queueMicrotask(sayLoss);
      if (isFailureSaid || isEnding) return;
      isFailureSaid = true;
      report(
        new ObservabilityError(
          failedCode,
          `${capitalized(what)} cannot be ${sent} to ${target}${reason}. How many were lost is logged when it works again.`,
        ),
      );
    },
    dropped(count) {
      droppedCount += count;
      lost();
      if (isDropSaid || isEnding) return;
      isDropSaid = true;
      report(
        new ObservabilityError(
          'OBS_EXPORT_DROPPED',
          `${capitalized(what)} are being dropped, because the queue to ${target} is full. How many were lost is logged when there is room again.`,
        ),
      );
    },
    hurry() {
      isEnding = true;
    },
    takeLoss,
    sayLoss() {
      isEnding = true;
      sayLoss();
    },
    stop() {
      isEnding = true;
      hasEnded = true;
      sayLoss();
    },
  };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function reasonOf(error: Error | undefined): string {
  if (!error) return '';
  const code = propertyOf(error, 'code');
  const message = propertyOf(error, 'message');
  const said = typeof message === 'string' ? message : '';
  const named = typeof code === 'string' || typeof code === 'number' ? String(code) : '';
  const words = said.includes(named) ? said : `${named} ${said}`.trim();
  return words === '' ? '' : `: ${words}`;
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

interface EndingPipeline {
  hurry(longestMillis: number): void;
  stop(): Promise<void>;
  abandon(): void;
}

/** The same pipeline; its losses until the end are reported. */
export function reportingEnd<P extends EndingPipeline>(
  pipeline: P,
  { hasFailed, sayLoss, hurry, stop }: ExportReporter,
): P & Pick<ExportReporter, 'hasFailed' | 'sayLoss'> {
  return {
    ...pipeline,
    hasFailed,
    sayLoss,
    hurry(longestMillis: number) {
      hurry();
      pipeline.hurry(longestMillis);
    },
    async stop() {
      hurry();
      try {
        await pipeline.stop();
      } finally {
        stop();
      }
    },
    abandon() {
      pipeline.abandon();
      stop();
    },
  };
}
