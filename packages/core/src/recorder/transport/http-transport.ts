import type { Agent } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { toError } from '../../model/foreign-error.js';
import { attempt } from './http-attempt.js';
import type { OtlpTransport, SendResult, SpanChunk } from './otlp-transport.js';
import { partialSuccessOf } from './partial-success.js';

export interface HttpTransportOptions {
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly compression: 'gzip' | 'none';
  /** Longest time for one chunk, retries included. */
  readonly timeoutMillis: number;
  readonly createAgent: (protocol: string) => Promise<Agent>;
  /** Default: `application/x-protobuf`. */
  readonly contentType?: 'application/x-protobuf' | 'application/json';
  /** Named in the header `user-agent`. */
  readonly userAgent: string;
}

const maxAttempts = 6;
const firstBackoffMillis = 1_000;
const maxBackoffMillis = 5_000;
const backoffFactor = 1.5;
/** Services that were refused together must not come back together. */
const jitter = 0.2;

const zipped = promisify(gzip);

/** Sends chunks as OTLP over HTTP. */
export function createHttpTransport(options: HttpTransportOptions): OtlpTransport {
  const url = new URL(options.endpoint);
  const underWay = new Set<RequestWithRetries>();
  let agent: Promise<Agent> | undefined;
  let longestMillis: number | undefined;
  let isAbandoned = false;

  async function send(chunk: SpanChunk): Promise<SendResult> {
    const sending = new RequestWithRetries();
    if (isAbandoned) return { status: 'failed', error: cutOff() };
    underWay.add(sending);
    sending.endAfter(options.timeoutMillis, () => new Error('no answer within the time for an export'));
    if (longestMillis !== undefined) sending.hurry(longestMillis);
    try {
      agent ??= options.createAgent(url.protocol);
      const body = options.compression === 'gzip' ? await zipped(chunk.body) : chunk.body;
      const headers = {
        'user-agent': options.userAgent,
        ...options.headers,
        'content-type': options.contentType ?? 'application/x-protobuf',
        ...(options.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
      };
      return await sendWithRetries(sending, { url, agent: await agent, headers, body });
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
  request: { url: URL; agent: Agent; headers: Record<string, string>; body: Uint8Array },
): Promise<SendResult> {
  let backoffMillis = firstBackoffMillis;
  for (let attempts = 1; ; attempts++) {
    const result = await attempt({ ...request, signal: sending.signal });
    if (result.status === 'accepted') {
      const { rejectedCount, message } = partialSuccessOf(result.body, result.contentType);
      return { status: 'accepted', rejectedCount, message };
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
