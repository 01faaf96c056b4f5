import type { ClientRequest, IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import type { Context, ContextManager, TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { CarrierSetter } from '../context/carrier.js';
import { injectSpan } from '../context/inject-span.js';
import type { AttributePairs } from '../recorder/span/attribute-pairs.js';
import { setKnown } from '../recorder/span/known-attribute.js';
import { startedMillis } from '../recorder/span/span-clock.js';
import { type RedactQuery, redactUrl } from '../redaction/query-redaction.js';
import type { ClientMetrics } from './client-measurement.js';
import { addedShort, ClientSpanOptions } from './client-span-options.js';
import type { ClientTarget, ClientTargets } from './client-target.js';
import { MeasuredCall } from './measured-call.js';
import { type OutgoingHeaders, targetOfOptions } from './outgoing-headers.js';
import { shownPath } from './shown-path.js';
import type { UnreadResponses } from './unread-responses.js';

/** What all calls need. */
export interface ClientCallSettings {
  readonly tracer: Tracer;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
  readonly redactQuery: RedactQuery;
  readonly carrying: OutgoingHeaders | undefined;
  readonly unread: UnreadResponses;
  readonly targets: ClientTargets;
  readonly metrics: ClientMetrics;
}

/**
 * The call that a request or response belongs to; null for a request that is not observed. On the object itself: to
 * remember each request in a WeakMap is expensive for the garbage collector.
 */
const clientCall = Symbol('throughline.http.clientCall');

type Emit = (this: unknown, ...args: unknown[]) => boolean;
type Observed = { [clientCall]?: ClientCall | null };

export const isObserved = (request: ClientRequest & Observed) => request[clientCall] !== undefined;

/** The request shall have neither a span nor a measurement. */
export function leaveUnobserved(request: ClientRequest & Observed): void {
  request[clientCall] = null;
}

/** How the call of a request begins. */
export interface CallStart {
  /** Where the service made the request. */
  readonly caller: Context;
  /** The arguments of `http.request`; none if they are not known. */
  readonly given: readonly unknown[];
  /** Whether it has a span. Once the head is written, it cannot carry the trace any more. */
  readonly hasSpan: boolean;
}

/** Begins the span of a request, writes its trace headers, and follows it to its end. */
export function startCall(settings: ClientCallSettings, given: ClientRequest, start: CallStart): void {
  const request = given as ClientRequest & Observed;
  const target = settings.targets.of(request, start.given);
  const call = new ClientCall(settings, request, target, start.caller);
  request[clientCall] = call;
  request.emit = emitOfRequest as ClientRequest['emit'];
  call.start(start);
}

/**
 * One request of `http` or `https` from its start to its end: when the response has been read or discarded, when the
 * request has failed, or when it is clear that the response is not read. It adds no listener: one for 'response' would keep
 * Node from discarding a body that is not read.
 */
class ClientCall extends MeasuredCall {
  /** What the request and the response emitted events with before. */
  readonly emitOfRequest: Emit;
  emitOfResponse: Emit | undefined = undefined;

  private response: IncomingMessage | undefined = undefined;
  private hasUser = false;

  constructor(
    readonly settings: ClientCallSettings,
    private readonly request: ClientRequest,
    private readonly target: ClientTarget,
    readonly caller: Context,
  ) {
    super(target.of(request.method), target);
    this.emitOfRequest = request.emit as Emit;
  }

  /** It hangs on request and response, and is no news to those who print them. */
  [inspect.custom](): string {
    return '[ClientCall]';
  }

  start({ given, hasSpan }: CallStart): void {
    if (!hasSpan) {
      this.startMillis = performance.now();
      return;
    }
    this.hasUser = hasUser(given);
    const { tracer, carrying, propagator } = this.settings;
    const span = tracer.startSpan(this.kind.spanName, new ClientSpanOptions(this.kind, this), this.caller);
    this.span = span;
    this.startMillis = startedMillis(span);
    if (carrying && !carrying.carriedTo(outgoingTarget(this.request, this.target))) return;
    injectSpan(propagator, span, this.caller, this.request, headerSetter);
  }

  ownAttributes(): AttributePairs {
    const { request, target, settings } = this;
    const url = this.hasUser ? target.origin.replace('//', '//REDACTED:REDACTED@') : target.origin;
    // Node makes the path of a request to a proxy a whole URL.
    const full = request.path.startsWith('/') ? url + request.path : request.path;
    const pairs: AttributePairs = ['url.full', redactUrl(full, settings.redactQuery)];
    const userAgent = request.getHeader('user-agent');
    if (typeof userAgent === 'string') pairs.push('user_agent.original', userAgent);
    if (this.method === '_OTHER') pairs.push('http.request.method_original', request.method.slice(0, 64));
    return pairs;
  }

  addShown(pairs: AttributePairs): boolean {
    const { request, target } = this;
    if (!target.isPlain || this.hasUser || this.method === '_OTHER') return false;
    const path = shownPath(request.path, this.settings.redactQuery);
    if (path === undefined || !addedShort(pairs, 'url.full', target.origin + path)) return false;
    const userAgent = request.getHeader('user-agent');
    return typeof userAgent !== 'string' || addedShort(pairs, 'user_agent.original', userAgent);
  }

  answered(response: IncomingMessage & Observed): void {
    if (this.isOver) return;
    this.response = response;
    this.statusCode = response.statusCode;
    this.headersMillis = performance.now();
    this.emitOfResponse = response.emit as Emit;
    response[clientCall] = this;
    response.emit = emitOfResponse as IncomingMessage['emit'];
    this.settings.unread.add(this, this.headersMillis);
    const { span } = this;
    if (!span?.isRecording()) return;
    setKnown(span, 'network.protocol.version', response.httpVersion);
    const { remoteAddress, remotePort } = response.socket ?? {};
    if (remoteAddress === undefined) return;
    setKnown(span, 'network.peer.address', remoteAddress);
    if (remotePort !== undefined) setKnown(span, 'network.peer.port', remotePort);
  }

  /** The request has closed. A response that breaks off reports its error only after this. */
  closed(): void {
    if (this.response === undefined) this.end(undefined);
  }

  end(error: unknown): void {
    if (this.isOver) return;
    if (this.response !== undefined) this.settings.unread.delete(this);
    this.error = error;
    this.finish(undefined);
  }

  /** Whether the body is not being read, and no listener waits for data. */
  progress(): unknown {
    const { response } = this;
    const isUnread =
      response !== undefined &&
      !response.readableDidRead &&
      response.readableFlowing !== true &&
      response.listenerCount('readable') === 0;
    return isUnread ? 'unread' : undefined;
  }
}

/** Listeners run in the context in which the service made the request, though events of the connection call them. */
function emitOfRequest(this: ClientRequest & Observed, ...args: unknown[]): boolean {
  const call = this[clientCall] as ClientCall;
  const event = args[0];
  if (event === 'response') call.answered(args[1] as IncomingMessage);
  else if (event === 'error') call.end(args[1]);
  else if (event === 'close') call.closed();
  return call.settings.contextManager.with(call.caller, call.emitOfRequest, this, ...args);
}

function emitOfResponse(this: IncomingMessage & Observed, ...args: unknown[]): boolean {
  const call = this[clientCall] as ClientCall;
  const event = args[0];
  if (event === 'end' || event === 'close') call.end(undefined);
  else if (event === 'error') call.end(args[1]);
  return call.settings.contextManager.with(call.caller, call.emitOfResponse as Emit, this, ...args);
}

const headerSetter: CarrierSetter<ClientRequest> = {
  set(request, name, value) {
    request.setHeader(name, value);
  },
  has: (request, name) => request.hasHeader(name),
};

/** The real destination, not the Host header. */
function outgoingTarget(request: ClientRequest, { host, port }: ClientTarget) {
  return targetOfOptions({ protocol: request.protocol, host, path: request.path, port });
}

/** Whether the URL, or the options, have a user and a password. */
function hasUser([first, second]: readonly unknown[]): boolean {
  if (first instanceof URL) return first.username !== '' || first.password !== '' || hasAuth(second);
  if (typeof first !== 'string') return hasAuth(first);
  if (hasAuth(second)) return true;
  if (!first.includes('@') || !URL.canParse(first)) return false;
  const { username, password } = new URL(first);
  return username !== '' || password !== '';
}

function hasAuth(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Boolean((options as { auth?: unknown }).auth);
}
