import type { ClientRequest, RequestOptions } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type RedactQuery, redactUrl } from '../redaction/query-redaction.js';
import { endClientSpan } from './client-outcome.js';
import type { ClientRequestEnds } from './client-request-end.js';
import { headersAsObject, type OutgoingHeaders, targetOfOptions } from './outgoing-headers.js';

/** What the stock instrumentation does when a call is over. */
interface CallEnds {
  _spanNotEnded: WeakSet<Span>;
  _onOutgoingRequestError(span: Span, ...rest: unknown[]): void;
  _closeHttpSpan(span: Span, ...rest: unknown[]): void;
}

/**
 * The stock instrumentation for outgoing calls of `http` and `https`, without its incoming half. It makes the client
 * span and writes the propagation headers. The span ends here, at the same time as the metric.
 */
export function createOutgoingInstrumentation(
  redactQuery: RedactQuery,
  ends: ClientRequestEnds,
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
    // The instrumentation itself redacts only a few parameters. Here, one list applies to incoming and outgoing requests.
    requestHook(span: Span, request) {
      if (!('getHeader' in request)) return;
      spans.set(request, span);
      const url = (span as Span & { attributes?: Record<string, unknown> }).attributes?.['url.full'];
      if (typeof url === 'string') span.setAttribute('url.full', redactUrl(url, redactQuery));
      followToEnd(span, request);
    },
  });
  const stock = http as unknown as CallEnds;
  const followed = new WeakSet<Span>();

  function followToEnd(span: Span, request: ClientRequest): void {
    followed.add(span);
    ends.whenOver(request, (outcome) => {
      stock._spanNotEnded.delete(span);
      endClientSpan(span, outcome, outcome.endMillis);
    });
  }

  for (const method of ['_onOutgoingRequestError', '_closeHttpSpan'] as const) {
    const original = stock[method];
    stock[method] = function callEnded(span, ...rest) {
      if (!followed.has(span)) original.call(this, span, ...rest);
    };
  }
  return { http, spans };
}

function prepareHeaders(options: RequestOptions, carrying: OutgoingHeaders | undefined): void {
  const headers = Array.isArray(options.headers) ? headersAsObject(options.headers) : undefined;
  if (headers) {
    options.headers = headers;
    // If the headers are a list, Node adds no Host header.
    options.setHost ??= false;
  }
  if (!carrying || carrying.carriedTo(targetOfOptions(options))) return;
  options.headers = { ...options.headers };
  carrying.withhold(options.headers);
}
