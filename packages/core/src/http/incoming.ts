import { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type Context, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { CarrierGetter } from '../context/carrier.js';
import { type ServedRequest, ServerContext } from '../context/server-context.js';
import { replaceMethod } from '../patching/replace-method.js';
import {
  isStreamComplete,
  isStreamRequest,
  requestOfStream,
  responseOfStream,
  whenTunnelOpens,
} from './incoming-streams.js';
import type { RequestBridge } from './request-bridge.js';
import { pathOf, ServerRequest, type ServerRequestSettings } from './server-request.js';

/** Where the ServerRequest hangs on request and response; shared by every copy of this package. */
const observed = Symbol.for('throughline.http.server-request');
/** Marks servers of our own, whose requests are never observed. */
const unobserved = Symbol.for('throughline.http.unobserved-server');

/**
 * Stops the current observer. A test runner may evaluate this package again in another realm of the same process. The
 * state of the first copy is not reachable there, but its patches are. The last copy that starts is the observer.
 */
const stopObserver = Symbol.for('throughline.http.stop-observer');

interface Observed {
  [observed]?: ServerRequest | undefined;
}

/** Keeps the requests of a server (the metrics endpoint) out of spans and metrics. */
export function excludeServer(server: net.Server): void {
  Object.defineProperty(server, unobserved, { value: true });
}

/** The observed request of an IncomingMessage, if there is one. */
export function serverRequestOf(request: IncomingMessage): ServerRequest | undefined {
  return (request as IncomingMessage & Observed)[observed];
}

/** Whether a request has been seen, be it one whose path is ignored. */
export function isObserved(request: object): boolean {
  return observed in request;
}

export interface IncomingOptions extends ServerRequestSettings {
  readonly ignoreIncomingPaths: readonly (string | RegExp)[];
  readonly writeId?: RequestBridge['writeId'];
}

/** The context of most scrapes and probes. */
const suppressedRoot = suppressTracing(ROOT_CONTEXT);

type ServerEmit = (this: net.Server, event: string | symbol, ...args: unknown[]) => boolean;

/**
 * Observes every HTTP server of the process: existing and future ones, `http`, `https` and both APIs
 * of `http2`, however they were imported. All of them inherit `emit` from `net.Server`, so one patch there
 * reaches them; where another library has put its own `emit` nearer, that one is patched as well, and the mark
 * on the request keeps it from being counted twice.
 *
 * @returns removes the patches
 */
export function observeIncomingRequests(options: IncomingOptions): () => void {
  const isIgnored = createPathFilter(options.ignoreIncomingPaths);
  let active = true;
  const holder = net.Server.prototype as { [stopObserver]?: (() => void) | undefined };
  holder[stopObserver]?.();

  const restores = [net.Server.prototype, http.Server.prototype, https.Server.prototype]
    .filter((prototype) => prototype === net.Server.prototype || Object.hasOwn(prototype, 'emit'))
    .map((prototype) =>
      replaceMethod(prototype as { emit: ServerEmit }, 'emit', (inherited) => {
        const emit: ServerEmit = function emit(event, ...args) {
          switch (event) {
            case 'request':
            case 'checkContinue':
            case 'checkExpectation':
              return observeRequest(this, inherited, event, args);
            case 'upgrade':
            case 'connect':
              return observeUpgrade(this, inherited, event, args);
            case 'stream':
              return isStreamRequest(this, args)
                ? observeStream(this, inherited, event, args)
                : inherited.call(this, event, ...args);
            default:
              return inherited.call(this, event, ...args);
          }
        };
        return emit;
      }),
    );

  const stop = () => {
    active = false;
    for (const restore of restores) restore();
    if (holder[stopObserver] === stop) holder[stopObserver] = undefined;
  };
  holder[stopObserver] = stop;
  return stop;

  function observeRequest(
    server: net.Server,
    inherited: ServerEmit,
    event: string,
    args: unknown[],
  ): boolean {
    const request = args[0] as IncomingMessage & Observed;
    const response = args[1] as ServerResponse & Observed;
    if (!active || request === undefined || observed in request) {
      return inherited.call(server, event, ...args);
    }
    if (unobserved in server || isIgnored(request)) return ignored(server, inherited, event, args);
    const operation = startOperation(request);
    if (!operation) return inherited.call(server, event, ...args);
    response[observed] = operation;
    operation.response = response;
    options.writeId?.(response, operation.context);
    request.emit = emitOfRequest;
    response.emit = emitOfResponse;
    if (isQueued(request, response)) endWithConnection(request.socket, operation);
    return options.contextManager.with(operation.context, inherited, server, event, ...args);
  }

  function observeUpgrade(
    server: net.Server,
    inherited: ServerEmit,
    event: string,
    args: unknown[],
  ): boolean {
    const request = args[0] as IncomingMessage & Observed;
    const socket = args[1] as Duplex | ServerResponse;
    // http2's compatibility API answers CONNECT through a response object.
    if (event === 'connect' && 'writeHead' in socket) return observeRequest(server, inherited, event, args);
    if (!active || request === undefined || observed in request) {
      return inherited.call(server, event, ...args);
    }
    if (unobserved in server || isIgnored(request)) return ignored(server, inherited, event, args);
    const operation = startOperation(request);
    if (!operation) return inherited.call(server, event, ...args);
    endAtFirstWrite(socket as Duplex, operation);
    return options.contextManager.with(operation.context, inherited, server, event, ...args);
  }

  function observeStream(server: net.Server, inherited: ServerEmit, event: string, args: unknown[]): boolean {
    const [stream, headers] = args as [ServerHttp2Stream & Observed, IncomingHttpHeaders];
    if (!active || observed in stream) return inherited.call(server, event, ...args);
    const request = requestOfStream(stream, headers);
    if (unobserved in server || isIgnored(request)) return ignored(server, inherited, event, args);
    const operation = startOperation(request);
    if (!operation) return inherited.call(server, event, ...args);
    stream[observed] = operation;
    stream.emit = emitOfStream;
    if (request.method === 'CONNECT') {
      whenTunnelOpens(stream, () => endQuietly(operation, responseOfStream(stream), true));
    }
    return options.contextManager.with(operation.context, inherited, server, event, ...args);
  }

  /** These requests make no spans further down either: a probe that asks the database is still a probe. */
  function ignored(server: net.Server, inherited: ServerEmit, event: string, args: unknown[]): boolean {
    (args[0] as Observed)[observed] = undefined;
    const active = options.contextManager.active();
    return options.contextManager.with(
      active === ROOT_CONTEXT ? suppressedRoot : suppressTracing(active),
      inherited,
      server,
      event,
      ...args,
    );
  }

  /** Undefined if anything goes wrong: then the request is served unobserved. */
  function startOperation(request: IncomingMessage & Observed): ServerRequest | undefined {
    try {
      const parent = options.propagator.extract(ROOT_CONTEXT, request, headerGetter);
      const operation = new ServerRequest(options, request, parent, withServerSpan);
      request[observed] = operation;
      return operation;
    } catch {
      return undefined;
    }
  }

  /** Listeners of request and response run in the request's context, though the connection's events call them. */
  function emitOfRequest(
    this: IncomingMessage & Observed,
    ...args: Parameters<IncomingMessage['emit']>
  ): boolean {
    const operation = this[observed];
    const emit = emitBelow(this, operation?.request);
    return operation ? emitInContext(operation, this, emit, args) : emit.apply(this, args);
  }

  /** Enters the context of the request only for code of the service. */
  function emitInContext(
    operation: ServerRequest,
    emitter: object,
    emit: AnyEmit,
    args: [event: string | symbol, ...rest: unknown[]],
  ): boolean {
    switch (audienceOf(emitter, emit, args[0])) {
      case 'nobody':
        return false;
      case 'node':
        return emit.apply(emitter, args);
      default:
        return options.contextManager.with(operation.context, emit, emitter, ...args);
    }
  }

  function emitOfResponse(
    this: ServerResponse & Observed,
    ...args: Parameters<ServerResponse['emit']>
  ): boolean {
    const operation = this[observed];
    const emit = emitBelow(this, operation?.response);
    if (!operation) return emit.apply(this, args);
    const event: string | symbol = args[0];
    if (event === 'error') operation.recordError(args[1]);
    const isLast = event === 'close' || (event === 'finish' && operation.grpcMethod === undefined);
    try {
      return emitInContext(operation, this, emit, args);
    } finally {
      if (isLast) endQuietly(operation, this, event === 'finish' || this.writableFinished);
    }
  }

  function emitOfStream(
    this: ServerHttp2Stream & Observed,
    ...args: Parameters<ServerHttp2Stream['emit']>
  ): boolean {
    const emit = emitBelow(this, undefined);
    const operation = this[observed];
    if (!operation) return emit.apply(this, args);
    const event: string | symbol = args[0];
    if (event === 'error') operation.recordError(args[1]);
    try {
      return options.contextManager.with(operation.context, emit, this, ...args);
    } finally {
      if (event === 'close' || (event === 'finish' && operation.grpcMethod === undefined)) {
        endQuietly(operation, responseOfStream(this), isStreamComplete(this));
      }
    }
  }
}

/** The response may be an object of the service that throws when it is looked at. */
function endQuietly(operation: ServerRequest, response: ServerResponse, isComplete: boolean): void {
  try {
    operation.end(response, isComplete);
  } catch {
    operation.endWithStatus(undefined);
  }
}

type AnyEmit = (...args: unknown[]) => boolean;

/** For any object: those that are not emitters have no listeners. */
const { listenerCount } = EventEmitter.prototype;

/**
 * Who hears an event. Most events of a request are heard by nobody, or by Node alone, and need no context: to enter
 * one costs more than the event.
 */
function audienceOf(emitter: object, emit: AnyEmit, event: string | symbol): 'nobody' | 'node' | 'service' {
  // An emitter with an `emit` of the service, or an error that nobody listens for: that throws.
  if (emit !== EventEmitter.prototype.emit || event === 'error') return 'service';
  const count = Reflect.apply(listenerCount, emitter, [event]);
  if (count === 0) return 'nobody';
  return count === 1 && event === 'end' && isHeardByNodeAlone(emitter) ? 'node' : 'service';
}

/** Node's own listener for the end of a request that the service did not read. */
let nodesListener: (() => void) | undefined;

function isHeardByNodeAlone(emitter: object): boolean {
  if (nodesListener === undefined) {
    const [only] = Reflect.apply(EventEmitter.prototype.listeners, emitter, ['end']);
    if (only?.name === 'clearIncoming') nodesListener = only as () => void;
  }
  return nodesListener !== undefined && Reflect.apply(listenerCount, emitter, ['end', nodesListener]) === 1;
}

/**
 * The `emit` that the replacement calls. Services make objects that inherit from a request or response
 * (`Object.create`, a Proxy, another prototype): what counts is the object that the operation hangs on, not `this`.
 *
 * @param usualHolder the object that the operation was made for
 */
function emitBelow(emitter: object, usualHolder: object | undefined): AnyEmit {
  if (emitter === usualHolder) {
    const emit: unknown = Object.getPrototypeOf(emitter)?.emit;
    if (typeof emit === 'function') return emit as AnyEmit;
  }
  for (let holder: object | null = emitter; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (!Object.hasOwn(holder, observed)) continue;
    const emit: unknown = Object.getPrototypeOf(holder)?.emit;
    if (typeof emit === 'function') return emit as AnyEmit;
    break;
  }
  return EventEmitter.prototype.emit as AnyEmit;
}

/** Whether the response waits for that of an earlier request of the same connection (HTTP/1.1 pipelining). */
function isQueued(request: IncomingMessage, response: ServerResponse): boolean {
  return request.httpVersionMajor < 2 && response.socket === null && request.socket instanceof net.Socket;
}

/** Requests whose responses wait, by the connection they came on. */
const queued = new WeakMap<net.Socket, Set<ServerRequest>>();

/** Before Node 24, a response that waits gets no event when its client disconnects: neither 'close' nor 'error'. */
function endWithConnection(socket: net.Socket, operation: ServerRequest): void {
  const known = queued.get(socket);
  const operations = known ?? new Set();
  operations.add(operation);
  operation.onEnd = () => operations.delete(operation);
  if (known) return;
  queued.set(socket, operations);
  socket.once('close', () => {
    for (const waiting of [...operations]) waiting.endWithStatus(undefined);
  });
}

function withServerSpan(parent: Context, span: Span, request: ServedRequest): Context {
  return new ServerContext(parent, span, request);
}

const headerGetter: CarrierGetter<IncomingMessage> = {
  lowerCaseNames: true,
  readOnce: true,
  keys: (request) => Object.keys(request.headers),
  get: (request, name) => request.headers[name],
  peerAddress: (request) => request.socket?.remoteAddress,
};

function createPathFilter(paths: readonly (string | RegExp)[]): (request: IncomingMessage) => boolean {
  const exact = new Set(paths.filter((path) => typeof path === 'string'));
  const patterns = paths.filter((path) => path instanceof RegExp);
  if (paths.length === 0) return () => false;
  return (request) => {
    const path = pathOf(request.url);
    if (exact.has(path)) return true;
    for (const pattern of patterns) {
      pattern.lastIndex = 0;
      if (pattern.test(path)) return true;
    }
    return false;
  };
}

/** Ends the operation with the status line that the service writes to the raw socket, or when it closes. */
function endAtFirstWrite(socket: Duplex, operation: ServerRequest): void {
  const { write, end } = socket;
  const isWrapped = Object.hasOwn(socket, 'write') || Object.hasOwn(socket, 'end');
  const restore = () => {
    if (isWrapped) Object.assign(socket, { write, end });
    else for (const name of ['write', 'end']) Reflect.deleteProperty(socket, name);
    socket.off('close', onClose);
  };
  const onWrite = (chunk: unknown) => {
    restore();
    const text = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk.toString('latin1', 0, 16) : '';
    operation.endWithStatus(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]) || undefined);
  };
  const onClose = () => {
    restore();
    operation.endWithStatus(undefined);
  };
  socket.write = function firstWrite(this: Duplex, ...args: unknown[]) {
    onWrite(args[0]);
    return Reflect.apply(write, this, args);
  } as typeof write;
  socket.end = function firstEnd(this: Duplex, ...args: unknown[]) {
    if (args[0] !== undefined && typeof args[0] !== 'function') onWrite(args[0]);
    return Reflect.apply(end, this, args);
  } as typeof end;
  socket.once('close', onClose);
}
