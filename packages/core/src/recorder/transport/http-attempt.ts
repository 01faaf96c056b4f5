import type { Agent, IncomingMessage, RequestOptions } from 'node:http';
import { type AttemptResult, endedBy, isPassing } from './attempt-result.js';
import { retryAfterMillis } from './retry-after.js';

/** One request, from its first byte to the end of the answer. */
export interface HttpAttempt {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Ends the request at any time. */
  readonly signal: AbortSignal;
}

/** Answers are short; of a long one nothing is of use. */
const maxAnswerBytes = 65_536;
const maxReasonLength = 256;

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const retryableStatuses = new Set([429, 502, 503, 504]);

type ClientModule = Pick<typeof import('node:http'), 'request'>;

/** By protocol. In the CommonJS build each `import()` makes a copy of the module's namespace. */
const clientModules = new Map<string, Promise<ClientModule>>();

/** Not loaded before instrumentations had their chance to patch the module, as the stock exporters do it. */
function clientModule(protocol: string): Promise<ClientModule> {
  const known = clientModules.get(protocol);
  if (known !== undefined) return known;
  const loading: Promise<ClientModule> = protocol === 'https:' ? import('node:https') : import('node:http');
  clientModules.set(protocol, loading);
  return loading;
}

/** Sends one request. Redirects are not followed, because headers with secrets would be sent to another server. */
export async function attempt({ url, agent, headers, body, signal }: HttpAttempt): Promise<AttemptResult> {
  const { request } = await clientModule(url.protocol);
  return new Promise((resolve) => {
    const fail = (error: Error) => {
      resolve({ status: 'refused', error, isRetryable: isPassing(error) });
    };
    if (signal.aborted) {
      fail(endedBy(signal));
      return;
    }
    const options: RequestOptions = {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': String(body.length) },
      signal,
    };
    const sending = request(url, options, (response) => {
      read(
        response,
        (answer) => resolve(resultOf(response, answer, sending.writableFinished ? undefined : true)),
        (error) => {
          // Sent and accepted; only what the intake had to say about it is lost.
          if (isSuccess(response) && !signal.aborted) resolve(resultOf(response, new Uint8Array(), true));
          else fail(signal.aborted ? endedBy(signal) : error);
        },
      );
    });
    sending.on('error', (error) => fail(signal.aborted ? endedBy(signal) : error));
    sending.end(body);
  });
}

function read(
  response: IncomingMessage,
  done: (answer: Uint8Array) => void,
  failed: (error: Error) => void,
): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxAnswerBytes) {
      parts.push(part);
    } else {
      done(new Uint8Array());
      response.destroy();
    }
  });
  response.on('end', () => done(Buffer.concat(parts)));
  response.on('error', failed);
  response.on('close', () => failed(new Error('the connection was closed before the end of the response')));
}

function resultOf(
  response: IncomingMessage,
  answer: Uint8Array,
  isStillRead: true | undefined,
): AttemptResult {
  if (isSuccess(response)) {
    return { status: 'accepted', body: answer, contentType: response.headers['content-type'], isStillRead };
  }
  const { statusCode = 0, statusMessage = '' } = response;
  const isRetryable = retryableStatuses.has(statusCode);
  const reason = reasonIn(answer, response.headers['content-type']);
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const words = [
    `the intake answered ${statusCode}`,
    statusMessage && ` ${statusMessage}`,
    isRedirect && ' (a redirect, which is not followed)',
    reason && `: ${reason}`,
  ];
  return {
    status: 'refused',
    error: new Error(words.filter(Boolean).join('')),
    isRetryable,
    retryInMillis: isRetryable ? retryAfterMillis(response.headers['retry-after']) : undefined,
  };
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The words of an answer that a person can read. */
function reasonIn(answer: Uint8Array, contentType: string | undefined): string {
  if (contentType === undefined || !/text\/plain|json/.test(contentType)) return '';
  return Buffer.from(answer).toString('utf8', 0, maxReasonLength).replace(/\s+/g, ' ').trim();
}
