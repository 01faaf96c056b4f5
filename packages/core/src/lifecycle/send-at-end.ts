import { type PostRequest, sendBlocking } from '../export/blocking-send.js';
import { ObservabilityError } from '../model/errors.js';

/** Where telemetry waits to be sent. */
export interface Waiting {
  /** Everything that waits; from now on nothing is sent in another way. */
  takeForEnd(): PostRequest | readonly PostRequest[] | undefined;
}

export interface EndParts {
  readonly waiting: readonly (Waiting | undefined)[];
  /** Longest time for all of it; 0 sends nothing. */
  readonly timeoutMillis: number;
  readonly report: (error: ObservabilityError) => void;
}

/**
 * Makes what sends everything that waits while the process stands still, because it is about to end. Called again, it
 * sends what has come since, in what is left of the time.
 */
export function senderAtEnd({ waiting, timeoutMillis, report }: EndParts): () => void {
  let leftMillis = timeoutMillis;
  return () => {
    if (leftMillis <= 0) return;
    const requests = waiting.flatMap((part) => part?.takeForEnd() ?? []);
    if (requests.length === 0) return;
    const startMillis = performance.now();
    const outcomes = sendBlocking(requests, leftMillis);
    leftMillis -= performance.now() - startMillis;
    const lost = requests.filter((_, index) => outcomes[index] !== 'taken');
    if (lost.length === 0) return;
    // What is said now would wait in the same queue for the same backend.
    leftMillis = 0;
    const endpoints = [...new Set(lost.map(({ url }) => url))].join(', ');
    const isLate = outcomes.includes('waiting');
    report(
      new ObservabilityError(
        'OBS_EXPORT_FAILED',
        `What was queued when the process ended could not be sent to ${endpoints}${isLate ? ` within ${timeoutMillis} ms (shutdown.exitTimeoutMillis)` : ''}.`,
      ),
    );
  };
}
