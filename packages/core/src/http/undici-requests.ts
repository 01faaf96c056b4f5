import diagnosticsChannel from 'node:diagnostics_channel';
import type { Context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { CarrierSetter } from '../context/carrier.js';
import { injectSpan } from '../context/inject-span.js';
import type { AttributePairs } from '../recorder/span/attribute-pairs.js';
import { setKnown } from '../recorder/span/known-attribute.js';
import { startedMillis } from '../recorder/span/span-clock.js';
import { redactUrl } from '../redaction/query-redaction.js';
import type { ClientCallSettings } from './client-call.js';
import { addedShort, ClientSpanOptions } from './client-span-options.js';
import type { ClientTarget } from './client-target.js';
import { replaceHeader, type UndiciRequest, undiciHeader } from './handed-on-headers.js';
import { MeasuredCall } from './measured-call.js';
import { targetOfUrl } from './outgoing-headers.js';
import { shownPath } from './shown-path.js';
import { pathnameOf, UndiciTargets, urlOf } from './undici-targets.js';
import { followUpgrade } from './undici-upgrades.js';

/** On the request itself: to remember each one in a WeakMap is expensive for the garbage collector. */
const undiciCall = Symbol('throughline.http.undiciCall');

type ObservedRequest = UndiciRequest & { [undiciCall]?: UndiciCall | undefined };

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
export function observeUndici(settings: ClientCallSettings): () => void {
  const targets = new UndiciTargets();
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

  function onCreate(request: ObservedRequest): void {
    const parent = settings.contextManager.active();
    if (request.method === 'CONNECT' || isTracingSuppressed(parent)) return;
    const target = targets.of(request);
    if (target === undefined) return;
    const call = new UndiciCall(settings, request, target);
    request[undiciCall] = call;
    if (request.upgrade) {
      followUpgrade(request, (statusCode) => {
        request[undiciCall]?.answered(statusCode);
        onEnd(request);
      });
    }
    call.start(parent);
  }

  function onSendHeaders({ request, socket }: SendHeaders): void {
    request[undiciCall]?.sentOn(socket);
  }

  function onHeaders({ request, response }: ResponseHeaders): void {
    request[undiciCall]?.answered(response.statusCode);
  }

  function onEnd(request: ObservedRequest, failure?: Failure): void {
    const call = request[undiciCall];
    if (!call) return;
    request[undiciCall] = undefined;
    call.end(failure?.error);
  }
}

/** One request of undici between its creation and its end. */
class UndiciCall extends MeasuredCall {
  private socket: UndiciSocket | undefined = undefined;
  private readonly target: ClientTarget;

  constructor(
    readonly settings: ClientCallSettings,
    private readonly request: UndiciRequest,
    target: ClientTarget,
  ) {
    super(target.ofWritten(request.method), target);
    this.target = target;
  }

  start(parent: Context): void {
    const { tracer, carrying, propagator } = this.settings;
    const span = tracer.startSpan(this.kind.spanName, new ClientSpanOptions(this.kind, this), parent);
    this.span = span;
    this.startMillis = startedMillis(span);
    const { request } = this;
    if (carrying) {
      const url = urlOf(request);
      if (url === undefined || !carrying.carriedTo(targetOfUrl(url))) return;
    }
    injectSpan(propagator, span, parent, request, headerSetter);
  }

  ownAttributes(): AttributePairs {
    const { request } = this;
    const { redactQuery } = this.settings;
    const { path } = request;
    const pairs: AttributePairs = [
      'url.full',
      redactUrl(`${String(request.origin)}${path}`, redactQuery),
      'url.path',
      pathnameOf(request),
    ];
    const question = path.indexOf('?');
    const query = question === -1 ? '' : redactQuery(path.slice(question + 1));
    if (query !== '') pairs.push('url.query', query);
    if (this.method === '_OTHER' && request.method !== undefined) {
      pairs.push('http.request.method_original', request.method.slice(0, 64));
    }
    const userAgent = undiciHeader(request.headers, 'user-agent');
    if (userAgent !== undefined) pairs.push('user_agent.original', userAgent);
    return pairs;
  }

  addShown(pairs: AttributePairs): boolean {
    const { request, target } = this;
    if (!target.isPlain || this.method === '_OTHER') return false;
    const path = shownPath(request.path, this.settings.redactQuery);
    if (path === undefined || !addedShort(pairs, 'url.full', target.origin + path)) return false;
    const question = path.indexOf('?');
    pairs.push('url.path', question === -1 ? path : path.slice(0, question));
    if (question !== -1 && question + 1 < path.length) pairs.push('url.query', path.slice(question + 1));
    const userAgent = undiciHeader(request.headers, 'user-agent');
    return userAgent === undefined || addedShort(pairs, 'user_agent.original', userAgent);
  }

  sentOn(socket: UndiciSocket): void {
    this.socket = socket;
    const { span } = this;
    if (!span?.isRecording()) return;
    const { remoteAddress, remotePort, alpnProtocol } = socket;
    if (remoteAddress !== undefined) setKnown(span, 'network.peer.address', remoteAddress);
    if (remotePort !== undefined) setKnown(span, 'network.peer.port', remotePort);
    setKnown(span, 'network.protocol.version', alpnProtocol === 'h2' ? '2' : '1.1');
  }

  answered(statusCode: number): void {
    this.headersMillis = performance.now();
    this.statusCode = statusCode;
    this.settings.unread.add(this, this.headersMillis);
  }

  progress(): unknown {
    return this.socket?.bytesRead;
  }

  end(error: unknown): void {
    this.settings.unread.delete(this);
    this.error = error;
    this.finish(undefined);
  }
}

const headerSetter: CarrierSetter<UndiciRequest> = {
  set: replaceHeader,
  has: (request, name) => undiciHeader(request.headers, name) !== undefined,
};

interface SendHeaders {
  readonly request: ObservedRequest;
  readonly socket: UndiciSocket;
}

interface ResponseHeaders {
  readonly request: ObservedRequest;
  readonly response: { readonly statusCode: number };
}

interface Failure {
  readonly request: ObservedRequest;
  readonly error: unknown;
}
