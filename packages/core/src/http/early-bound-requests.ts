import http, { type ClientRequest } from 'node:http';
import {
  type ContextManager,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { CarrierSetter } from '../context/carrier.js';
import { type RedactQuery, redactUrl } from '../redaction/query-redaction.js';
import { serverPort } from './client-metrics.js';
import { endClientSpan } from './client-outcome.js';
import type { ClientRequestEnds } from './client-request-end.js';
import { methodLabel } from './methods.js';
import { type OutgoingHeaders, type OutgoingTarget, targetOfOptions } from './outgoing-headers.js';

export interface CapturedRequestOptions {
  readonly tracer: Tracer;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
  readonly redactQuery: RedactQuery;
  readonly ends: ClientRequestEnds;
  /** The client span of each request that has one; those made here are added. */
  readonly spans: WeakMap<object, Span>;
  readonly carrying: OutgoingHeaders | undefined;
}

/** `ClientRequest` with the method that writes its head, called once, before the first byte leaves. */
type ClientRequestPrototype = { _implicitHeader(this: ClientRequest): void };

/**
 * Traces the requests that the stock instrumentation cannot see: it replaces `http.request` on the module, and
 * a `const { request } = require('node:http')` evaluated before init keeps the original. Every request writes
 * its head through the same method, no matter which function created it.
 *
 * @returns stops it
 */
export function traceCapturedRequests(options: CapturedRequestOptions): () => void {
  const prototype = http.ClientRequest.prototype as unknown as ClientRequestPrototype;
  const original = prototype._implicitHeader;
  if (typeof original !== 'function') return () => {};
  let active = true;
  function writeHead(this: ClientRequest): void {
    if (active && !options.spans.has(this)) {
      try {
        startSpan(options, this);
      } catch {
        // The request goes out untraced.
      }
    }
    original.call(this);
  }
  prototype._implicitHeader = writeHead;
  return () => {
    active = false;
    if (prototype._implicitHeader === writeHead) prototype._implicitHeader = original;
  };
}

const headerSetter: CarrierSetter<ClientRequest> = {
  set(request, name, value) {
    request.setHeader(name, value);
  },
  has: (request, name) => request.hasHeader(name),
};

function startSpan(
  { tracer, contextManager, propagator, redactQuery, ends, spans, carrying }: CapturedRequestOptions,
  request: ClientRequest,
): void {
  const parent = contextManager.active();
  if (isTracingSuppressed(parent)) return;
  const method = methodLabel(request.method);
  const host = request.getHeader('host') ?? request.host;
  const url = `${request.protocol}//${String(host)}${request.path}`;
  const span = tracer.startSpan(
    method === '_OTHER' ? 'HTTP' : method,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'server.address': request.host,
        'server.port': serverPort(request),
        'url.full': redactUrl(url, redactQuery),
      },
    },
    parent,
  );
  spans.set(request, span);
  if (!carrying || carrying.carriedTo(targetOf(request))) {
    propagator.inject(trace.setSpan(parent, span), request, headerSetter);
  }
  ends.whenOver(request, (outcome) => {
    if (outcome.response) span.setAttribute('network.protocol.version', outcome.response.httpVersion);
    setPeer(span, request);
    endClientSpan(span, outcome, outcome.endMillis);
  });
}

/** Uses the real destination of the request, not its Host header. */
function targetOf(request: ClientRequest): OutgoingTarget {
  return targetOfOptions({
    protocol: request.protocol,
    host: request.host,
    path: request.path,
    port: serverPort(request),
  });
}

function setPeer(span: Span, request: ClientRequest): void {
  const { remoteAddress, remotePort } = request.socket ?? {};
  if (remoteAddress !== undefined) {
    span.setAttribute('network.peer.address', remoteAddress);
    if (remotePort !== undefined) span.setAttribute('network.peer.port', remotePort);
  }
}
