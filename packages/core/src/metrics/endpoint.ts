import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { excludeServer } from '../http/incoming.js';
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

/** Where an instance's metrics are served. */
export interface ServedAt {
  /** The port that this process listens on; undefined when it does not. */
  readonly port: number | undefined;
  /** Whether another process of the service listens for it. */
  readonly isElsewhere?: boolean;
}

export interface MetricsEndpoint {
  /** The port it listens on; undefined when it could not listen. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * Serves handlers by their path on a port of its own. It never keeps the process alive, and a port in use is reported,
 * not thrown: the service runs on.
 *
 * @param handlers by path
 * @param hidden serves a path and everything below it, and is not told of
 */
export async function listenForScrapes(
  options: { readonly host: string | undefined; readonly port: number },
  handlers: Readonly<Record<string, RequestListener>>,
  report: (error: ObservabilityError) => void,
  hidden?: { readonly path: string; readonly handler: RequestListener },
): Promise<MetricsEndpoint> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const isHidden = hidden !== undefined && (path === hidden.path || path.startsWith(`${hidden.path}/`));
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : isHidden ? hidden.handler : undefined;
    if (handler) {
      handler(request, response);
      return;
    }
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end(`Here are ${Object.keys(handlers).join(', ')}\n`);
  });
  excludeServer(server);
  server.unref();
  // An open scrape connection must not keep the process alive either.
  server.on('connection', (socket) => socket.unref());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // A cluster would share the port, and a worker at random would answer.
      server.listen({ port: options.port, host: options.host, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    report(
      inUse
        ? new ObservabilityError(
            'OBS_METRICS_PORT_IN_USE',
            `Port ${options.port} is taken; metrics are not served.`,
            { cause },
          )
        : new ObservabilityError(
            'OBS_METRICS_ENDPOINT_FAILED',
            `The metrics endpoint could not listen on ${options.host ?? 'all addresses'}, port ${options.port}: ${(cause as Error).message}.`,
            { cause },
          ),
    );
    return { port: undefined, close: async () => {} };
  }
  // A socket error after listening must not become an uncaught exception of the service.
  server.on('error', () => {});
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
