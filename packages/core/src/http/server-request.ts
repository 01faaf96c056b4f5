import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import {
  type Attributes,
  type AttributeValue,
  type Context,
  type ContextManager,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata } from '@opentelemetry/core';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import type { UnitOfWork } from '../annotations/unit-of-work.js';
import type { ServedRequest } from '../context/server-context.js';
import { forwardedClientAddress, withoutIpv4Mapping } from '../model/client-address.js';
import { errorType, recordException, setErrorStatus } from '../model/foreign-error.js';
import { isLateAnswer } from '../model/late-rejection.js';
import { copyOf } from '../model/text-copy.js';
import type { AttributePairs } from '../recorder/span/attribute-pairs.js';
import {
  maxPreparedLength,
  type PreparedSpanOptions,
  prepareAttributes,
} from '../recorder/span/prepared-attributes.js';
import { redactMessage } from '../redaction/attribute-redaction.js';
import type { RedactQuery } from '../redaction/query-redaction.js';
import {
  grpcMethodOf,
  isGrpcRequest,
  isServerError,
  methodLabelOf,
  type ServerCallMeasurement,
  sentGrpcStatus,
} from './grpc-request.js';
import { type HostAndPort, parseHost } from './host-header.js';
import { methodLabel } from './methods.js';
import { sentHeader } from './response-header.js';

/** What a server request reports when it is over; label values are final. */
export interface ServerRequestMeasurement {
  readonly method: string;
  readonly route: string | undefined;
  /** Undefined when the client left before any status was sent. */
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly durationSeconds: number;
  readonly span: Span;
}

/** Writes a line about a request that is over. */
export type AccessLog = (
  request: ServerRequestMeasurement & {
    /** As the client requested it, without the query. */
    readonly path: string;
  },
) => void;

export interface ServerRequestRecorder {
  started(method: string): void;
  ended(measurement: ServerRequestMeasurement): void;
  /** A call of gRPC is over. */
  callEnded(
    method: string,
    call: ServerCallMeasurement & { readonly durationSeconds: number; readonly span: Span },
  ): void;
}

/** Everything a server request needs that is the same for all of them. */
export interface ServerRequestSettings {
  readonly tracer: Tracer;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
  readonly redactQuery: RedactQuery;
  readonly trustForwardedHeaders: boolean;
  readonly captureRequestHeaders: readonly string[];
  readonly captureResponseHeaders: readonly string[];
  readonly recorder: ServerRequestRecorder;
  /** A plugin failed to name the route of a request. */
  readonly routeFailed?: ((error: unknown) => void) | undefined;
  /** Called after that, in the context of the request. */
  readonly accessLog?: AccessLog | undefined;
  /** Called at the same time, in place of it. */
  readonly canonicalLine?: WriteCanonicalLine | undefined;
}

/** The span, context and measurement of one request that the service answers. */
export class ServerRequest implements ServedRequest {
  readonly context: Context;
  readonly span: Span;
  /** Full method of a call of gRPC. Its status comes in the trailers, which are sent after everything else. */
  readonly grpcMethod: string | undefined;
  /** As the service named it. It has precedence over what plugins say. */
  namedRoute: string | undefined;
  /** As a plugin named it. */
  route: string | undefined;
  /** As the plugin of a framework named it that got the request from another framework. */
  innerRoute: string | undefined;
  /** Called once, before the request is reported. */
  onEnd: (() => void) | undefined;
  /** Undefined for upgrades and for streams of http2. */
  response: object | undefined;
  resolveRoute: ((request: IncomingMessage) => string | undefined) | undefined;

  private error: unknown;
  private hasError = false;
  private ended = false;
  private responseBytes: number | undefined;
  private readonly method: string;
  private readonly startMillis = performance.now();

  constructor(
    private readonly settings: ServerRequestSettings,
    readonly request: IncomingMessage,
    parentContext: Context,
    withSpan: (context: Context, span: Span, request: ServedRequest) => Context,
  ) {
    this.method = methodLabel(request.method);
    this.grpcMethod = isGrpcRequest(request) ? grpcMethodOf(pathOf(request.url)) : undefined;
    this.span = settings.tracer.startSpan(
      this.grpcMethod ?? (this.method === '_OTHER' ? 'HTTP' : this.method),
      new ServerSpanOptions(settings, request, this.method, this.grpcMethod),
      parentContext,
    );
    this.context = withSpan(parentContext, this.span, this);
    settings.recorder.started(this.method);
  }

  /** It hangs on request and response, and is no news to those who print them. */
  [inspect.custom](): string {
    return '[ServerRequest]';
  }

  get isOver(): boolean {
    return this.ended;
  }

  recordError(error: unknown): void {
    if (this.ended || (this.hasError && this.error === error)) return;
    this.hasError = true;
    this.error = error;
    recordException(this.span, error);
  }

  /** The response was handed over completely, or the connection closed before that. */
  end(response: ServerResponse, complete: boolean): void {
    if (this.ended) return;
    if (this.grpcMethod !== undefined) {
      this.finishCall(this.grpcMethod, sentGrpcStatus(response));
      return;
    }
    const statusCode = response.headersSent ? response.statusCode : undefined;
    const { captureResponseHeaders } = this.settings;
    if (captureResponseHeaders.length > 0 && this.span.isRecording()) {
      this.span.setAttributes(
        headerAttributes('http.response.header.', captureResponseHeaders, (name) =>
          sentHeader(response, name),
        ),
      );
    }
    if (this.settings.canonicalLine) this.responseBytes = bodySizeOf(response, this.method);
    this.finish(statusCode, complete || isEventStream(response) ? undefined : 'client_disconnected');
  }

  /** For requests without a response object (upgrades and CONNECT). */
  endWithStatus(statusCode: number | undefined): void {
    if (this.grpcMethod !== undefined) {
      this.finishCall(this.grpcMethod, undefined);
      return;
    }
    this.finish(statusCode, statusCode === undefined ? 'client_disconnected' : undefined);
  }

  private finish(statusCode: number | undefined, connectionError: string | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd?.();
    const durationSeconds = (performance.now() - this.startMillis) / 1000;
    const { span } = this;
    const route = this.findRoute(this.settings.routeFailed);
    const isServerError = statusCode !== undefined && statusCode >= 500;
    const type = this.hasError ? errorType(this.error) : isServerError ? String(statusCode) : connectionError;

    if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode);
    if (type !== undefined) span.setAttribute('error.type', type);
    if (route !== undefined) {
      span.setAttribute('http.route', route);
      span.updateName(spanName(this.method, route));
    }
    // A mistake (4xx) or disconnect of the client is not a failure of the server: semantic conventions, "Status".
    if (isServerError || (this.hasError && statusCode === undefined)) {
      setErrorStatus(span, this.error);
    }
    span.end();
    const measurement: ServerRequestMeasurement = {
      method: this.method,
      route,
      statusCode,
      errorType: type,
      durationSeconds,
      span,
    };
    const { recorder, accessLog, canonicalLine, contextManager } = this.settings;
    recorder.ended(measurement);
    const work = this.endWork(route);
    if (canonicalLine) {
      this.writeCanonicalLine(canonicalLine, measurement, work);
    } else if (accessLog) {
      const path = pathOf(this.request.url);
      contextManager.with(this.context, accessLog, undefined, { ...measurement, path });
    }
  }

  /** @param sent undefined if the client left first */
  private finishCall(original: string, sent: string | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd?.();
    const durationSeconds = (performance.now() - this.startMillis) / 1000;
    const { span } = this;
    const statusCode = sent ?? 'CANCELLED';
    const method = methodLabelOf(original, statusCode);
    const errorType = statusCode === 'OK' ? undefined : statusCode;
    span.setAttribute('rpc.response.status_code', statusCode);
    if (method !== original) {
      span.setAttributes({ 'rpc.method': method, 'rpc.method_original': original.slice(0, 256) });
      span.updateName('grpc');
    }
    if (errorType !== undefined) span.setAttribute('error.type', errorType);
    if (isServerError(statusCode)) setErrorStatus(span, this.error);
    span.end();
    const work = this.endWork(undefined);
    const { recorder, canonicalLine } = this.settings;
    recorder.callEnded(this.method, { method, statusCode, errorType, durationSeconds, span });
    canonicalLine?.({
      event: 'rpc.server.call',
      level: isServerError(statusCode) ? 'error' : 'info',
      message: `${method} ${statusCode}`,
      fields: {
        rpc_system_name: 'grpc',
        rpc_method: method,
        rpc_response_status_code: statusCode,
        error_type: errorType,
      },
      durationSeconds,
      work,
      context: this.context,
    });
  }

  private writeCanonicalLine(
    write: WriteCanonicalLine,
    { method, route, statusCode, errorType, durationSeconds }: ServerRequestMeasurement,
    work: UnitOfWork | undefined,
  ): void {
    const path = pathOf(this.request.url);
    const contentLength = this.request.headers['content-length'];
    const isFailure =
      (statusCode !== undefined && statusCode >= 500) || (this.hasError && statusCode === undefined);
    write({
      event: 'http.server.request',
      level: isFailure ? 'error' : 'info',
      message: `${method} ${route ?? path} ${statusCode ?? 'no response'}`,
      fields: {
        http_request_method: method,
        http_route: route,
        url_path: path,
        http_response_status_code: statusCode,
        error_type: errorType,
        http_request_body_size: contentLength === undefined ? undefined : sizeOf(contentLength),
        http_response_body_size: this.responseBytes,
      },
      durationSeconds,
      work,
      context: this.context,
    });
  }

  /** Contexts that outlive the request keep its route, and not the request itself. */
  private endWork(route: string | undefined): UnitOfWork | undefined {
    const work = getRPCMetadata(this.context) as UnitOfWork | undefined;
    if (work === undefined) return undefined;
    work.isOver = true;
    work.route = route;
    work.request = undefined;
    return work;
  }

  currentRoute(): string | undefined {
    return this.findRoute(undefined);
  }

  private findRoute(failed: ((error: unknown) => void) | undefined): string | undefined {
    const given = this.namedRoute ?? this.innerRoute;
    if (given !== undefined) return given;
    if (this.resolveRoute) {
      try {
        const resolved = this.resolveRoute(this.request);
        if (typeof resolved === 'string') return resolved;
        isLateAnswer(resolved);
      } catch (error) {
        // The service gets its response all the same; the request stays without a route.
        failed?.(error);
      }
    }
    // Stock framework instrumentations (Fastify, Koa, Hapi…) leave the route in the RPC metadata.
    return this.route ?? (getRPCMetadata(this.context) as RPCMetadata | undefined)?.route;
  }
}

/**
 * The attributes are made when the tracer asks for them: a span that is not recorded needs none. A class, because V8
 * makes a shape of its own for each object literal with a getter.
 */
class ServerSpanOptions implements PreparedSpanOptions {
  readonly kind = SpanKind.SERVER;

  constructor(
    private readonly settings: ServerRequestSettings,
    private readonly request: IncomingMessage,
    private readonly method: string,
    private readonly grpcMethod: string | undefined,
  ) {}

  get attributes(): Attributes {
    const pairs = startPairs(this.settings, this.request, this.method, this.grpcMethod);
    const attributes: Attributes = {};
    for (let i = 0; i < pairs.length; i += 2) {
      attributes[pairs[i] as string] = pairs[i + 1] as AttributeValue;
    }
    const { captureRequestHeaders } = this.settings;
    if (captureRequestHeaders.length > 0) {
      const { headers } = this.request;
      Object.assign(
        attributes,
        headerAttributes('http.request.header.', captureRequestHeaders, (name) => headers[name]),
      );
    }
    return attributes;
  }

  [prepareAttributes](): AttributePairs | undefined {
    if (this.settings.captureRequestHeaders.length > 0) return undefined;
    const pairs = startPairs(this.settings, this.request, this.method, this.grpcMethod);
    for (let i = 1; i < pairs.length; i += 2) {
      const value = pairs[i];
      // Requests may be objects of the service: an adapter of a cloud, a test.
      if (typeof value === 'string' ? value.length > maxPreparedLength : typeof value !== 'number') {
        return undefined;
      }
    }
    return pairs;
  }
}

function isEventStream(response: ServerResponse): boolean {
  if (!response.headersSent) return false;
  const contentType = sentHeader(response, 'content-type');
  return typeof contentType === 'string' && contentType.startsWith('text/event-stream');
}

/** Size of the response's body as its header says it; undefined for a body in chunks. */
function bodySizeOf(response: ServerResponse, method: string): number | undefined {
  if (!response.headersSent || method === 'HEAD' || response.statusCode === 304) return undefined;
  return sizeOf(sentHeader(response, 'content-length'));
}

function sizeOf(contentLength: unknown): number | undefined {
  const bytes = Number(contentLength ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

/** Attributes that are known when a request arrives: keys and values in turn, without secrets. */
function startPairs(
  settings: ServerRequestSettings,
  request: IncomingMessage,
  method: string,
  grpcMethod: string | undefined,
): AttributePairs {
  const { headers } = request;
  const socket = request.socket as (typeof request.socket & { encrypted?: boolean }) | undefined;
  const scheme = socket?.encrypted ? 'https' : 'http';
  // What is the same for most requests comes first: the recorder encodes such a beginning once.
  const pairs: AttributePairs =
    grpcMethod === undefined
      ? [
          'http.request.method',
          method,
          'url.scheme',
          scheme,
          'network.protocol.version',
          request.httpVersion === '2.0' ? '2' : request.httpVersion,
        ]
      : ['rpc.system.name', 'grpc', 'rpc.method', grpcMethod, 'network.protocol.version', '2'];
  const server = serverAddress(headers.host ?? (headers[':authority'] as string | undefined));
  if (server) {
    pairs.push('server.address', server.host, 'server.port', server.port ?? (scheme === 'https' ? 443 : 80));
  }
  const peerAddress = withoutIpv4Mapping(socket?.remoteAddress);
  if (peerAddress !== undefined) pairs.push('network.peer.address', peerAddress);
  const clientAddress =
    (settings.trustForwardedHeaders ? forwardedClientAddress(headers) : undefined) ?? peerAddress;
  if (clientAddress !== undefined) pairs.push('client.address', clientAddress);
  const userAgent = headers['user-agent'];
  if (userAgent !== undefined) pairs.push('user_agent.original', userAgent);
  if (grpcMethod === undefined) {
    pairs.push('url.path', redactMessage(pathOf(request.url)));
    const query = queryOf(request.url);
    if (query !== '') pairs.push('url.query', redactMessage(settings.redactQuery(query)));
  }
  const peerPort = peerAddress === undefined ? undefined : socket?.remotePort;
  if (peerPort !== undefined) pairs.push('network.peer.port', peerPort);
  if (method === '_OTHER' && request.method !== undefined) {
    pairs.push('http.request.method_original', request.method.slice(0, 64));
  }
  return pairs;
}

function headerAttributes(
  prefix: string,
  names: readonly string[],
  read: (name: string) => string | number | readonly string[] | undefined,
): Attributes {
  const attributes: Attributes = {};
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) attributes[prefix + name] = Array.isArray(value) ? [...value] : [String(value)];
  }
  return attributes;
}

/** Path and query of a request target; a proxy's client sends the absolute form (RFC 9112, 3.2.2). */
function originForm(url: string | undefined): string {
  if (url === undefined || url === '') return '/';
  if (url.charCodeAt(0) === 47 /* / */) return url;
  const schemeEnd = url.indexOf('://');
  if (schemeEnd <= 0) return url;
  const pathStart = url.indexOf('/', schemeEnd + 3);
  return pathStart === -1 ? '/' : url.slice(pathStart);
}

/** Names of spans by method and route, which are made once: to put two texts together takes memory each time. */
const spanNames = new Map<string, Map<string, string>>();
const maxSpanNames = 2_000;

function spanName(method: string, route: string): string {
  let names = spanNames.get(method);
  if (names === undefined) {
    names = new Map();
    spanNames.set(method, names);
  }
  const known = names.get(route);
  if (known !== undefined) return known;
  const name = `${method === '_OTHER' ? 'HTTP' : method} ${route}`;
  if (names.size < maxSpanNames && route.length <= maxPreparedLength) names.set(copyOf(route), copyOf(name));
  return name;
}

/** The path of a request target, without the query. */
export function pathOf(url: string | undefined): string {
  const target = originForm(url);
  const question = target.indexOf('?');
  return question === -1 ? target : target.slice(0, question);
}

/** The query of a request target without its `?`. */
function queryOf(url: string | undefined): string {
  const target = originForm(url);
  const question = target.indexOf('?');
  return question === -1 ? '' : target.slice(question + 1);
}

/** The last few Host headers, parsed: nearly every request of a service carries one of the same two or three. */
const parsedHosts = new Map<string, HostAndPort | undefined>();
let lastHeader: string | undefined;
let lastParsed: HostAndPort | undefined;

function serverAddress(header: string | undefined): HostAndPort | undefined {
  // To compare with the last one takes less than to look it up, since each request has a new text.
  if (header === lastHeader) return lastParsed;
  lastParsed = header === undefined ? undefined : rememberedHost(header);
  lastHeader = header;
  return lastParsed;
}

function rememberedHost(header: string): HostAndPort | undefined {
  let parsed = parsedHosts.get(header);
  if (parsed === undefined && !parsedHosts.has(header)) {
    parsed = parseHost(header);
    if (parsedHosts.size >= 16) parsedHosts.clear();
    parsedHosts.set(header, parsed);
  }
  return parsed;
}
