import { toError } from '../../model/foreign-error.js';
import type { AttemptResult } from './attempt-result.js';
import type { OtlpTransport, SendResult, SpanChunk } from './otlp-transport.js';
import { partialSuccessOf } from './partial-success.js';

export interface RetryingTransportOptions {
  /** Longest time for one chunk, retries included. */
  readonly timeoutMillis: number;
  /** Makes a chunk ready to be sent: compressed, framed. Done once, however often it is sent. */
  readonly prepare: (body: Uint8Array) => Promise<Uint8Array>;
  /** Sends it once. */
  readonly attempt: (body: Uint8Array, limits: AttemptLimits) => Promise<AttemptResult>;
}

export interface AttemptLimits {
  /** Ends it, whatever the intake is doing. */
  readonly signal: AbortSignal;
  readonly leftMillis: number;
}

const maxAttempts = 6;
const firstBackoffMillis = 1_000;
const maxBackoffMillis = 5_000;
const backoffFactor = 1.5;
/** Services that were refused together must not come back together. */
const jitter = 0.2;

/** What all protocols have in common: one deadline for a chunk, retries with pauses, and a quick end. */
export function createRetryingTransport(options: RetryingTransportOptions): OtlpTransport {
  const underWay = new Set<RequestWithRetries>();
  let longestMillis: number | undefined;
  let isAbandoned = false;

  async function send(chunk: SpanChunk): Promise<SendResult> {
    const sending = new RequestWithRetries();
    if (isAbandoned) return { status: 'failed', error: cutOff() };
    underWay.add(sending);
    sending.endAfter(options.timeoutMillis, () => new Error('no answer within the time for an export'));
    if (longestMillis !== undefined) sending.hurry(longestMillis);
    try {
      return await sendWithRetries(sending, await options.prepare(chunk.body), options);
    } catch (error) {
      return { status: 'failed', error: toError(error) };
    } finally {
      sending.over();
      underWay.delete(sending);
    }
  }

  return {
    send,
    hurry(millis) {
      longestMillis = millis;
      for (const sending of underWay) sending.hurry(millis);
    },
    abandon() {
      isAbandoned = true;
      for (const sending of underWay) sending.cut(cutOff());
    },
  };
}

async function sendWithRetries(
  sending: RequestWithRetries,
  body: Uint8Array,
  { attempt }: RetryingTransportOptions,
): Promise<SendResult> {
  let backoffMillis = firstBackoffMillis;
  for (let attempts = 1; ; attempts++) {
    const result = await attempt(body, { signal: sending.signal, leftMillis: sending.leftMillis() });
    if (result.status === 'accepted') {
      const { rejectedCount, message } = partialSuccessOf(result.body, result.contentType);
      return { status: 'accepted', rejectedCount, message, isStillRead: result.isStillRead };
    }
    const { error, isRetryable, retryInMillis } = result;
    const failed: SendResult = { status: 'failed', error, retryInMillis };
    if (!isRetryable || attempts === maxAttempts || sending.isLast) return failed;
    const waitMillis = retryInMillis ?? backoffMillis * (1 + jitter * (2 * Math.random() - 1));
    backoffMillis = Math.min(backoffMillis * backoffFactor, maxBackoffMillis);
    if (waitMillis >= sending.leftMillis() || !(await sending.pause(waitMillis))) return failed;
  }
}

function cutOff(): Error {
  return new Error('no answer before the end');
}

/** One chunk on its way: its deadline, and the pauses between its attempts. */
class RequestWithRetries {
  /** Whether a failure is final. */
  isLast = false;
  private readonly controller = new AbortController();
  private readonly timers = new Set<NodeJS.Timeout>();
  private deadlineMillis = Number.POSITIVE_INFINITY;
  private wake: ((goOn: boolean) => void) | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  leftMillis(): number {
    return this.deadlineMillis - performance.now();
  }

  endAfter(millis: number, reason: () => Error): void {
    this.deadlineMillis = Math.min(this.deadlineMillis, performance.now() + millis);
    const timer = setTimeout(() => this.cut(reason()), millis);
    // What is under way must not hold the process longer than its connection does.
    timer.unref();
    this.timers.add(timer);
  }

  hurry(longestMillis: number): void {
    this.isLast = true;
    this.wake?.(false);
    this.endAfter(longestMillis, cutOff);
  }

  cut(reason: Error): void {
    this.isLast = true;
    this.wake?.(false);
    this.controller.abort(reason);
  }

  /** @returns whether to go on after it */
  pause(millis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (goOn: boolean) => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve(goOn);
      };
      const timer = setTimeout(wake, millis, true);
      timer.unref();
      this.wake = wake;
    });
  }

  over(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}
