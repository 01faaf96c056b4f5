import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ObservabilityError } from '../model/errors.js';
import { startPace } from '../timing/pace.js';
import { isAuthorized } from './bearer-token.js';
import { collectTimeoutMillis } from './collect.js';

/** The answer to a scrape, written while it is read. */
export interface MetricsAnswer {
  readonly contentType: string;
  readonly chunks: Iterable<string>;
}

/** Smaller answers are not worth compressing. */
const minGzipBytes = 1_024;
const compress = promisify(gzip);

/**
 * Answers a scrape; mountable in any framework that hands out Node's request and response.
 *
 * @param token bearer token that the scraper must send, if there is one
 */
export function createMetricsHandler(
  render: (accept: string | undefined, collectTimeoutMillis: number | undefined) => Promise<MetricsAnswer>,
  token: string | undefined,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    if (token !== undefined && !isAuthorized(request, token)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
      return;
    }
    answer(request, response).catch((error: unknown) => {
      // What is known to be incomplete must not be taken for totals that fell.
      if (!response.headersSent) response.writeHead(error instanceof ObservabilityError ? 503 : 500);
      response.end();
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { contentType, chunks } = await render(request.headers.accept, collectTimeoutOf(request));
    const pace = startPace();
    const written: Buffer[] = [];
    for (const chunk of chunks) {
      written.push(Buffer.from(chunk));
      if (!pace.isDue()) continue;
      await pace.giveWay();
      // Whoever asked has gone: the rest of the work is for nobody.
      if (response.destroyed) return;
    }
    const plain = Buffer.concat(written);
    const zipped = plain.length >= minGzipBytes && acceptsGzip(request) ? await compress(plain) : undefined;
    const sent = zipped ?? plain;
    response.writeHead(200, {
      'content-type': contentType,
      'content-length': sent.length,
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : sent);
  }
}

/**
 * Prometheus says how long it waits. A callback that takes nearly as long would cost it all metrics, not one: the last
 * fifth is for writing and sending the answer.
 */
function collectTimeoutOf(request: IncomingMessage): number | undefined {
  const seconds = Number(request.headers['x-prometheus-scrape-timeout-seconds']);
  return seconds > 0 ? Math.min(seconds * 800, collectTimeoutMillis) : undefined;
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /(^|,)\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9])[^,]*)?(,|$)/i.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
}
