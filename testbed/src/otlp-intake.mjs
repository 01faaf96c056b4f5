import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { traceRequestAsJson } from './otlp-trace-request.mjs';

/**
 * A span as OTLP/JSON has it, its attributes as a plain record. Kind 2 is a server span, 3 a client
 * span, 4 a producer span, 5 a consumer span; the code of a status is 2 for an error.
 *
 * @typedef {{ name: string, kind: number, traceId: string, spanId: string, parentSpanId?: string, scope: string,
 *   status: { code: number, message?: string }, attributes: Record<string, unknown> }} ReceivedSpan
 */

/**
 * An OTLP/HTTP intake that keeps the spans it is sent, by service.
 *
 * @returns {Promise<{ url: string, spansOf: (service: string) => ReceivedSpan[], services: () => string[],
 *   stop: () => Promise<void> }>}
 */
export async function startIntake() {
  const spans = new Map();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.url === '/v1/traces') {
      const isJson = request.headers['content-type'] === 'application/json';
      keep(isJson ? JSON.parse(body.toString()) : traceRequestAsJson(body));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const keep = ({ resourceSpans }) => {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = plain(resource.attributes)['service.name'];
      for (const { scope, spans: batch } of scopeSpans) {
        for (const span of batch) {
          const kept = {
            status: { code: 0 },
            ...span,
            scope: scope.name,
            attributes: plain(span.attributes),
          };
          spans.set(service, [...(spans.get(service) ?? []), kept]);
        }
      }
    }
  };
  return {
    ...(await onLoopback(server)),
    spansOf: (service) => spans.get(service) ?? [],
    services: () => [...spans.keys()],
  };
}

function plain(attributes = []) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** Lets a server listen on any free port of this machine alone. */
export async function onLoopback(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
