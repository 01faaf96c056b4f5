import type { IncomingMessage, ServerResponse } from 'node:http';
import { ObservabilityError } from '../model/errors.js';
import { isAuthorized } from './bearer-token.js';
import { collectTimeoutMillis } from './collect.js';
import { type ExpositionFormat, negotiateFormat } from './exposition.js';
import { createOpenResponses, type MetricsAnswer, shareAnswers } from './scrape-answers.js';

/**
 * Answers a scrape; mountable in any framework that hands out Node's request and response. Scrapes at the same time
 * share one answer. If too many wait, the answer is 503.
 *
 * @param token bearer token that the scraper must send, if there is one
 */
export function createMetricsHandler(
  render: (format: ExpositionFormat, collectTimeoutMillis: number | undefined) => Promise<MetricsAnswer>,
  token: string | undefined,
): (request: IncomingMessage, response: ServerResponse) => void {
  const open = createOpenResponses();
  const answerFor = shareAnswers(render, open.isOpen);
  const formatFor = rememberedFormat();
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
    const making = open.admit(request, response)
      ? answerFor(
          response,
          formatFor(request.headers.accept),
          collectTimeoutOf(request),
          acceptsGzip(request),
        )
      : undefined;
    if (!making) {
      response.writeHead(503, { 'retry-after': '1', 'content-length': 0 }).end();
      return;
    }
    const made = await making;
    // The client has disconnected.
    if (!made || !open.isOpen(response)) return;
    const { contentType, contentEncoding, body, charset, sizeBytes } = made;
    if (contentEncoding) response.setHeader('content-encoding', contentEncoding);
    response.writeHead(200, {
      'content-type': contentType,
      'content-length': sizeBytes,
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    open.sends(response, made);
    response.end(body, charset);
  }
}

/** A scraper sends the same header each time. */
function rememberedFormat(): typeof negotiateFormat {
  let lastAccept: string | undefined;
  let lastFormat = negotiateFormat(undefined);
  return (accept) => {
    if (accept !== lastAccept) {
      lastFormat = negotiateFormat(accept);
      lastAccept = accept;
    }
    return lastFormat;
  };
}

const stepMillis = 100;

/**
 * Prometheus says how long it waits. A callback that takes nearly as long would cost it all metrics, not one: the last
 * fifth is for writing and sending the answer.
 */
function collectTimeoutOf(request: IncomingMessage): number | undefined {
  const seconds = Number(request.headers['x-prometheus-scrape-timeout-seconds']);
  if (!(seconds > 0)) return undefined;
  // In steps, so that scrapers that wait for about as long share one answer.
  const millis = Math.max(stepMillis, Math.floor((seconds * 800) / stepMillis) * stepMillis);
  return Math.min(millis, collectTimeoutMillis);
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding'];
  // Most of what asks without compression sends no such header.
  return (
    accepted !== undefined && /(^|,)\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9])[^,]*)?(,|$)/i.test(String(accepted))
  );
}
