import type { RequestOptions } from 'node:http';
import { type Attributes, propagation, type Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { type RedactQuery, redactUrl } from '../redaction/query-redaction.js';
import { type UndiciRequest, undiciHeader } from './client-metrics.js';
import { replaceHandedOn } from './handed-on-headers.js';
import { headersAsObject, type OutgoingHeaders, targetOfOptions, targetOfUrl } from './outgoing-headers.js';
import type { RequestBridge } from './request-bridge.js';

/**
 * The stock instrumentations for outgoing calls: `http` and `https` without their incoming half, and undici
 * with Node's fetch. They make the client span and write the propagation headers.
 */
export function createOutgoingInstrumentations(
  redactQuery: RedactQuery,
  noteCallHeaders: RequestBridge['noteCallHeaders'] | undefined,
  carrying: OutgoingHeaders | undefined,
) {
  const spans = new WeakMap<object, Span>();
  const http = new HttpInstrumentation({
    enabled: false,
    disableIncomingRequestInstrumentation: true,
    // Node refuses such a list, and shall be the one to say so.
    ignoreOutgoingRequestHook: ({ headers }) => Array.isArray(headers) && !headersAsObject(headers),
    // Called before the headers are copied and the propagator writes into the copy.
    startOutgoingSpanHook(options): Attributes {
      prepareHeaders(options, carrying);
      return {};
    },
    // The instrumentation's own redaction knows a handful of parameters; ours is one list for in and out.
    requestHook(span: Span, request) {
      spans.set(request, span);
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
    requestHook(span: Span, request: UndiciRequest) {
      spans.set(request, span);
      if (carrying && !carrying.carriedTo(targetOfUrl(new URL(request.path, request.origin)))) {
        carrying.withhold(span);
      }
      replaceHandedOn(request, propagation.fields());
      // What it writes comes second to what the application wrote, and nothing takes out the double.
      noteCallHeaders?.(span, (name) => undiciHeader(request.headers, name) !== undefined);
    },
  });
  return { http, undici, spans };
}

function prepareHeaders(options: RequestOptions, carrying: OutgoingHeaders | undefined): void {
  const headers = Array.isArray(options.headers) ? headersAsObject(options.headers) : undefined;
  if (headers) {
    options.headers = headers;
    // With a list Node adds no Host header of its own.
    options.setHost ??= false;
  }
  if (!carrying || carrying.carriedTo(targetOfOptions(options))) return;
  options.headers = { ...options.headers };
  carrying.withhold(options.headers);
}
