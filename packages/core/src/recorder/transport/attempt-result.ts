/** What became of one attempt to send a chunk. */
export type AttemptResult =
  | {
      readonly status: 'accepted';
      readonly body: Uint8Array;
      readonly contentType: string | undefined;
      /** Whether the request is still being sent: the intake answered before it had all of it. */
      readonly isStillRead?: true | undefined;
    }
  | {
      readonly status: 'refused';
      readonly error: Error;
      readonly isRetryable: boolean;
      readonly retryInMillis?: number | undefined;
    };

/** Failures of a connection that may be gone a moment later. */
const passingErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);

export function isPassing(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && passingErrors.has(code);
}

/** Why a request was ended before its answer. */
export function endedBy(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('no answer in time');
}
