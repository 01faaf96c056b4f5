import { type PostRequest, sendBlocking } from '../export/blocking-send.js';
import { ObservabilityError } from '../model/errors.js';
import { askThreads, type ThreadsAtEnd } from './thread-ends.js';

/** Where telemetry waits to be sent. */
export interface Waiting {
  /**
   * Everything that waits; from now on nothing is sent in another way. An exporter that only the service knows how to
   * use has got it by then.
   */
  takeForEnd(): PostRequest | readonly PostRequest[] | undefined;
  /** Whether the last export failed. */
  hasFailed(): boolean;
  /** Reports what was lost and not reported yet. */
  sayLoss(): void;
}

export interface EndParts {
  readonly waiting: readonly (Waiting | undefined)[];
  /** Longest time for all of it; 0 sends nothing. */
  readonly timeoutMillis: number;
  /** Reports what is still running. */
  readonly beforeEnd: () => void;
  /** Leaves what was counted to the other processes of the service. */
  readonly leaveCounts: () => void;
  readonly report: (error: ObservabilityError) => void;
}

export interface SenderAtEnd {
  /**
   * Sends everything that waits, synchronously, because the process is about to end. If it is called again, it sends what
   * was added since then, in the remaining time.
   */
  send(): void;
  /** Everything was flushed a moment ago: an intake that did not take it is not tried again, and was named. */
  flushed(): void;
}

export function senderAtEnd({
  waiting,
  timeoutMillis,
  beforeEnd,
  leaveCounts,
  report,
}: EndParts): SenderAtEnd {
  let leftMillis = timeoutMillis;
  let isFlushed = false;
  const sayLosses = () => {
    for (const part of waiting) part?.sayLoss();
  };
  return {
    flushed() {
      isFlushed = true;
      sayLosses();
    },
    send() {
      beforeEnd();
      sayLosses();
      if (leftMillis <= 0) return;
      const startMillis = performance.now();
      const threads = askThreads(leftMillis);
      const requests = waiting.flatMap((part) =>
        part && !(isFlushed && part.hasFailed()) ? (part.takeForEnd() ?? []) : [],
      );
      sayLosses();
      const outcomes = sendBlocking(requests, leftMillis);
      const ended = threads?.();
      leaveCounts();
      leftMillis -= performance.now() - startMillis;
      const lost = requests.filter((_, index) => outcomes[index] !== 'taken');
      const losses = [
        ...(lost.length > 0
          ? [`What was queued when the process ended could not be sent to ${urls(lost)}`]
          : []),
        ...lossesOf(ended),
      ];
      if (losses.length === 0) return;
      // A log line now would wait in the same queue for the same backend.
      leftMillis = 0;
      const isLate = outcomes.includes('waiting') || (ended !== undefined && ended.late > 0);
      const limit = isLate ? ` within ${timeoutMillis} ms (shutdown.exitTimeoutMillis)` : '';
      report(new ObservabilityError('OBS_EXPORT_FAILED', `${losses.join('; ')}${limit}.`));
    },
  };
}

function urls(requests: readonly PostRequest[]): string {
  return [...new Set(requests.map(({ url }) => url))].join(', ');
}

function lossesOf(ended: ThreadsAtEnd | undefined): string[] {
  const threads = (ended?.failed ?? 0) + (ended?.late ?? 0);
  if (threads === 0) return [];
  return [`What was queued in ${threads} worker ${threads === 1 ? 'thread' : 'threads'} could not be sent`];
}
