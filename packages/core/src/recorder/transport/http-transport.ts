import type { Agent } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { attempt } from './http-attempt.js';
import type { OtlpTransport } from './otlp-transport.js';
import { createRetryingTransport } from './retrying-transport.js';

export interface HttpTransportOptions {
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly compression: 'gzip' | 'none';
  /** Longest time for one chunk, retries included. */
  readonly timeoutMillis: number;
  readonly createAgent: (protocol: string) => Promise<Agent>;
  /** Default: `application/x-protobuf`. */
  readonly contentType?: string;
  /** Named in the header `user-agent`. */
  readonly userAgent: string;
}

/** In a thread of Node's pool, not in the service's. */
const zipped = promisify(gzip);

/** Sends chunks as OTLP over HTTP. */
export function createHttpTransport(options: HttpTransportOptions): OtlpTransport {
  const url = new URL(options.endpoint);
  const isZipped = options.compression === 'gzip';
  const headers = {
    'user-agent': options.userAgent,
    ...options.headers,
    'content-type': options.contentType ?? 'application/x-protobuf',
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
  };
  let agent: Promise<Agent> | undefined;
  return createRetryingTransport({
    timeoutMillis: options.timeoutMillis,
    async prepare(body) {
      return isZipped ? zipped(body) : body;
    },
    async attempt(body, { signal }) {
      agent ??= options.createAgent(url.protocol);
      return attempt({ url, agent: await agent, headers, body, signal });
    },
  });
}
