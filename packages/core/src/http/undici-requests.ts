import diagnosticsChannel from 'node:diagnostics_channel';
import {
  type Attributes,
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
import type { ClientRequestRecorder } from './client-metrics.js';
import { clientErrorType, endClientSpan } from './client-outcome.js';
import { replaceHeader, type UndiciRequest, undiciHeader } from './handed-on-headers.js';
import { methodLabel } from './methods.js';
import { type OutgoingHeaders, targetOfUrl } from './outgoing-headers.js';
import { followUpgrade } from './undici-upgrades.js';
import type { OpenResponse, UnreadResponses } from './unread-responses.js';

export interface UndiciOptions {
  readonly tracer: Tracer;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
  readonly redactQuery: RedactQuery;
  readonly carrying: OutgoingHeaders | undefined;
  readonly unread: UnreadResponses;
  readonly record: ClientRequestRecorder;
}

interface UndiciSocket {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly alpnProtocol?: string | false | null;
  readonly bytesRead?: number;
}

/**
 * Spans, metrics and propagation for `fetch` and undici, through the diagnostics channels of undici
 * (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel): the copy in Node and any that the service installs.
 *
 * @returns stops it
 */
export function observeUndici(options: UndiciOptions): () => void {
  const calls = new WeakMap<object, UndiciCall>();
  const subscriptions: [string, (message: unknown) => void][] = [
    ['undici:request:create', (message) => onCreate((message as { request: UndiciRequest }).request)],
    ['undici:client:sendHeaders', (message) => onSendHeaders(message as SendHeaders)],
    ['undici:request:headers', (message) => onHeaders(message as ResponseHeaders)],
    ['undici:request:trailers', (message) => onEnd((message as { request: UndiciRequest }).request)],
    ['undici:request:error', (message) => onEnd((message as Failure).request, message as Failure)],
  ];
  for (const [channel, listener] of subscriptions) diagnosticsChannel.subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of subscriptions) diagnosticsChannel.unsubscribe(channel, listener);
  };

  function onCreate(request: UndiciRequest): void {
    const parent = options.contextManager.active();
    if (request.method === 'CONNECT' || isTracingSuppressed(parent)) return;
    let url: URL;
    try {
      url = new URL(request.path, request.origin);
    } catch {
      return;
    }
    const { tracer, carrying, propagator } = options;
    const method = methodLabel(request.method?.toUpperCase());
    const span = tracer.startSpan(
      method === '_OTHER' ? 'HTTP' : method,
      { kind: SpanKind.CLIENT, attributes: startAttributes(options, request, url, method) },
      parent,
    );
    calls.set(request, new UndiciCall(options, span, method, url));
    followUpgrade(request, (statusCode) => {
      calls.get(request)?.answered(statusCode);
      onEnd(request);
    });
    if (!carrying || carrying.carriedTo(targetOfUrl(url))) {
      propagator.inject(trace.setSpan(parent, span), request, headerSetter);
    }
  }

  function onSendHeaders({ request, socket }: SendHeaders): void {
    calls.get(request)?.sentOn(socket);
  }

  function onHeaders({ request, response }: ResponseHeaders): void {
    calls.get(request)?.answered(response.statusCode);
  }

  function onEnd(request: UndiciRequest, failure?: Failure): void {
    const call = calls.get(request);
    if (!call) return;
    calls.delete(request);
    call.end(failure?.error);
  }
}

/** One request of undici between its creation and its end. */
class UndiciCall implements OpenResponse {
  private readonly startMillis = performance.now();
  private headersMillis = 0;
  private statusCode: number | undefined;
  private socket: UndiciSocket | undefined;
  private isOver = false;

  constructor(
    private readonly options: UndiciOptions,
    private readonly span: Span,
    private readonly method: string,
    private readonly url: URL,
  ) {}

  sentOn(socket: UndiciSocket): void {
    this.socket = socket;
    const { remoteAddress, remotePort, alpnProtocol } = socket;
    if (!this.span.isRecording()) return;
    if (remoteAddress !== undefined) this.span.setAttribute('network.peer.address', remoteAddress);
    if (remotePort !== undefined) this.span.setAttribute('network.peer.port', remotePort);
    this.span.setAttribute('network.protocol.version', alpnProtocol === 'h2' ? '2' : '1.1');
  }

  answered(statusCode: number): void {
    this.headersMillis = performance.now();
    this.statusCode = statusCode;
    this.options.unread.add(this);
  }

  progress(): unknown {
    return this.socket?.bytesRead;
  }

  /** Nobody reads the body: the call was over for its caller when the headers came. */
  settle(): void {
    this.finish(undefined, this.headersMillis);
  }

  end(error: unknown): void {
    this.options.unread.delete(this);
    this.finish(error, performance.now());
  }

  private finish(error: unknown, endMillis: number): void {
    if (this.isOver) return;
    this.isOver = true;
    const { statusCode, span, url } = this;
    const outcome = { statusCode, error };
    endClientSpan(span, outcome, endMillis);
    this.options.record({
      method: this.method,
      serverAddress: url.hostname,
      serverPort: portOf(url),
      statusCode,
      errorType: clientErrorType(outcome),
      durationSeconds: (endMillis - this.startMillis) / 1000,
      span,
    });
  }
}

function startAttributes(
  { redactQuery }: UndiciOptions,
  request: UndiciRequest,
  url: URL,
  method: string,
): Attributes {
  const question = request.path.indexOf('?');
  const query = question === -1 ? '' : redactQuery(request.path.slice(question + 1));
  const attributes: Attributes = {
    'http.request.method': method,
    'url.full': redactUrl(`${String(request.origin)}${request.path}`, redactQuery),
    'url.path': url.pathname,
    'url.scheme': url.protocol.replace(':', ''),
    'server.address': url.hostname,
    'server.port': portOf(url),
  };
  if (query !== '') attributes['url.query'] = query;
  if (method === '_OTHER' && request.method !== undefined) {
    attributes['http.request.method_original'] = request.method.slice(0, 64);
  }
  const userAgent = undiciHeader(request.headers, 'user-agent');
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent;
  return attributes;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

const headerSetter: CarrierSetter<UndiciRequest> = {
  set: replaceHeader,
  has: (request, name) => undiciHeader(request.headers, name) !== undefined,
};

interface SendHeaders {
  readonly request: UndiciRequest;
  readonly socket: UndiciSocket;
}

interface ResponseHeaders {
  readonly request: UndiciRequest;
  readonly response: { readonly statusCode: number };
}

interface Failure {
  readonly request: UndiciRequest;
  readonly error: unknown;
}
