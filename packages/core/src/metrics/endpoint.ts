import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ObservabilityError } from '../errors.js';
import { excludeServer } from '../http/incoming.js';

export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

/** Answers a scrape; mountable in any framework that hands out Node's request and response. */
export function createMetricsHandler(
  render: (accept: string | undefined) => Promise<RenderedMetrics>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    render(request.headers.accept).then(
      ({ contentType, body }) => {
        response.writeHead(200, {
          'content-type': contentType,
          'content-length': Buffer.byteLength(body),
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      () => {
        if (!response.headersSent) response.writeHead(500);
        response.end();
      },
    );
  };
}

export interface MetricsEndpoint {
  /** The port it listens on; undefined when it could not listen. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * Serves the handler on a port of its own. It never keeps the process alive, and a port in use is reported,
 * not thrown: the service runs on.
 */
export async function listenForScrapes(
  options: { readonly host: string | undefined; readonly port: number; readonly path: string },
  handler: RequestListener,
  report: (error: ObservabilityError) => void,
): Promise<MetricsEndpoint> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === options.path) {
      handler(request, response);
      return;
    }
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end(`Metrics are at ${options.path}\n`);
  });
  excludeServer(server);
  server.unref();
  // An open scrape connection must not keep the process alive either.
  server.on('connection', (socket) => socket.unref());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: options.port, host: options.host }, () => {
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
