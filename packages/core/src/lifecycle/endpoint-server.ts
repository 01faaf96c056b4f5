import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { excludeServer } from '../http/incoming.js';
import { ObservabilityError } from '../model/errors.js';

/**
 * Connections at once. For one more, the one that has been idle for longest is closed: whoever holds them all open must not
 * keep out the probes of Kubernetes, which would restart the service. A scraper and a probe need one each.
 */
const maxConnections = 256;
/** A connection without traffic for this long is closed: no request arrives, or the response is not read. */
const idleMillis = 30_000;
/** A request must be complete within this time. */
const requestMillis = 10_000;

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
 * Serves handlers by their path on a separate port. It never keeps the process alive. A port in use is reported, not
 * thrown: the service continues.
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
  /** The one that has made no request for longest is the first. */
  const connections = new Set<Socket>();
  const server = createServer({ connectionsCheckingInterval: requestMillis / 2 }, (request, response) => {
    if (connections.delete(request.socket)) connections.add(request.socket);
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
  server.headersTimeout = requestMillis;
  server.requestTimeout = requestMillis;
  server.timeout = idleMillis;
  excludeServer(server);
  server.unref();
  server.on('connection', (socket) => {
    // An open scrape connection must not keep the process alive either.
    socket.unref();
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    const [idlest] = connections;
    if (connections.size > maxConnections) idlest?.destroy();
  });
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
            `Port ${options.port} is taken, so the metrics of this service are not served: set OTEL_EXPORTER_PROMETHEUS_PORT to another port, for example ${options.port < 65_535 ? options.port + 1 : options.port - 1}.`,
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
