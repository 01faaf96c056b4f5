import type { ClientRequest } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { LegacyBridge } from '../legacy/legacy-bridge.js';
import { type UndiciRequest, undiciHeader } from './client-metrics.js';
import { type RedactQuery, redactUrl } from './query-redaction.js';

/**
 * The stock instrumentations for outgoing calls: `http` and `https` without their incoming half, and undici
 * with Node's fetch. They make the client span and write the propagation headers.
 */
export function createOutgoingInstrumentations(
  redactQuery: RedactQuery,
  noteOwnHeaders: LegacyBridge['noteOwnHeaders'] | undefined,
) {
  const traced = new WeakSet<object>();
  const http = new HttpInstrumentation({
    enabled: false,
    disableIncomingRequestInstrumentation: true,
    // The instrumentation's own redaction knows a handful of parameters; ours is one list for in and out.
    requestHook(span: Span, request) {
      traced.add(request);
      const url = (span as Span & { attributes?: Record<string, unknown> }).attributes?.['url.full'];
      if (typeof url === 'string' && 'getHeader' in request) {
        span.setAttribute('url.full', redactUrl(url, redactQuery));
      }
    },
  });
  const undici = new UndiciInstrumentation({
    startSpanHook(request) {
      const { origin, path } = request;
      const question = path.indexOf('?');
      return {
        'url.full': redactUrl(`${String(origin)}${path}`, redactQuery),
        'url.query': question === -1 ? '' : `?${redactQuery(path.slice(question + 1))}`,
      };
    },
    // What it writes comes second to what the application wrote, and nothing takes out the double.
    ...(noteOwnHeaders && {
      requestHook(span: Span, { headers }: UndiciRequest) {
        noteOwnHeaders(span, (name) => undiciHeader(headers, name) !== undefined);
      },
    }),
  });
  return { http, undici, isTraced: (request: ClientRequest) => traced.has(request) };
}
