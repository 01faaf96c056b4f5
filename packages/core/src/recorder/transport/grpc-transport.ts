import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type AttemptResult, endedBy, isPassing } from './attempt-result.js';
import { grpcStatusOf } from './grpc-status.js';
import type { OtlpTransport } from './otlp-transport.js';
import { type AttemptLimits, createRetryingTransport } from './retrying-transport.js';

export interface GrpcTransportOptions {
  /** The path of the URL counts for nothing: the method of the service takes its place. */
  readonly endpoint: string;
  /** {@link grpcMethods} has those of OTLP. */
  readonly method: string;
  /** Sent as metadata. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly compression: 'gzip' | 'none';
  /** Longest time for one chunk, retries included. */
  readonly timeoutMillis: number;
  readonly tls: { readonly [name in 'ca' | 'cert' | 'key']?: string | undefined };
  readonly userAgent: string;
}

/** https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto/collector */
export const grpcMethods = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const;

export interface GrpcTransport extends OtlpTransport {
  /** Ends the connection; what is under way on it has failed. */
  cut(): void;
}

const prefixBytes = 5;
/** Answers are short; of a long one nothing is of use. */
const maxAnswerBytes = 65_536;
const retryableHttpStatuses = new Set([429, 502, 503, 504]);

const zipped = promisify(gzip);

/** A message with its length before it: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export function grpcFrame(message: Uint8Array, isZipped: boolean): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = isZipped ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** The headers of a call, without the deadline. Names of metadata are in lower case. */
export function grpcHeaders({
  endpoint,
  method,
  headers = {},
  compression,
  userAgent,
}: Pick<GrpcTransportOptions, 'endpoint' | 'method' | 'headers' | 'compression' | 'userAgent'>): Record<
  string,
  string
> {
  const { protocol, host } = new URL(endpoint);
  const metadata = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    'user-agent': userAgent,
    ...Object.fromEntries(metadata),
    ':method': 'POST',
    ':scheme': protocol.slice(0, -1),
    ':authority': host,
    ':path': method,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(compression === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
  };
}

/** Sends chunks as OTLP over gRPC, on one connection that is opened when it is needed. */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const { origin } = new URL(options.endpoint);
  const headers = grpcHeaders(options);
  const isZipped = options.compression === 'gzip';
  let session: ClientHttp2Session | undefined;
  let underWayCount = 0;

  async function connected(): Promise<ClientHttp2Session> {
    // Most services send over HTTP/1.1; those should not load this.
    const { connect } = await import('node:http2');
    if (session && !session.closed && !session.destroyed) return session;
    const opened = connect(origin, { ...options.tls });
    const forget = () => {
      if (session === opened) session = undefined;
    };
    // Each call is told of it by its own error.
    opened.on('error', forget);
    opened.on('goaway', forget);
    opened.on('close', forget);
    opened.unref();
    session = opened;
    return opened;
  }

  async function attempt(body: Uint8Array, limits: AttemptLimits): Promise<AttemptResult> {
    if (limits.signal.aborted) return refused(endedBy(limits.signal));
    const connection = await connected();
    // An idle connection does not hold the process; a call does, as long as it may last.
    if (underWayCount++ === 0) connection.ref();
    try {
      return await call(connection, body, limits);
    } finally {
      if (--underWayCount === 0) connection.unref();
    }
  }

  function call(
    connection: ClientHttp2Session,
    body: Uint8Array,
    { signal, leftMillis }: AttemptLimits,
  ): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const stream: ClientHttp2Stream = connection.request({
        ...headers,
        'grpc-timeout': `${Math.max(1, Math.ceil(leftMillis))}m`,
      });
      const onAbort = () => stream.close(0x8 /* CANCEL */);
      signal.addEventListener('abort', onAbort, { once: true });
      let answer: IncomingHttpHeaders = {};
      let trailers: IncomingHttpHeaders = {};
      const parts: Buffer[] = [];
      let bytes = 0;
      let failure: Error | undefined;
      stream.on('response', (fields) => {
        answer = fields;
      });
      stream.on('trailers', (fields) => {
        trailers = fields;
      });
      stream.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes <= maxAnswerBytes) parts.push(part);
        else stream.close(0x8);
      });
      stream.on('error', (error) => {
        failure ??= error;
      });
      // What befell the connection says more than that the call was cancelled.
      const onConnectionError = (error: Error) => {
        failure = error;
      };
      connection.on('error', onConnectionError);
      stream.on('close', () => {
        signal.removeEventListener('abort', onAbort);
        connection.off('error', onConnectionError);
        if (signal.aborted) resolve(refused(endedBy(signal)));
        else resolve(resultOf(answer, trailers, Buffer.concat(parts), causeOf(failure)));
      });
      stream.end(body);
    });
  }

  const transport = createRetryingTransport({
    timeoutMillis: options.timeoutMillis,
    async prepare(body) {
      return grpcFrame(isZipped ? await zipped(body) : body, isZipped);
    },
    attempt,
  });
  return { ...transport, cut: () => session?.destroy() };
}

function resultOf(
  answer: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders,
  body: Buffer,
  failure: Error | undefined,
): AttemptResult {
  const status = grpcStatusOf(trailers) ?? grpcStatusOf(answer);
  if (status?.code === 0) {
    return { status: 'accepted', body: body.subarray(prefixBytes), contentType: undefined };
  }
  if (status) {
    const { name, message, isRetryable, retryInMillis } = status;
    const text = `the intake answered ${name}${message && `: ${message}`}`;
    const error = Object.assign(new Error(text), { grpcStatus: name });
    return { status: 'refused', error, isRetryable, retryInMillis };
  }
  const httpStatus = Number(answer[':status'] ?? 0);
  if (httpStatus !== 0) {
    const error = new Error(`the intake answered HTTP ${httpStatus} without a gRPC status`);
    return { status: 'refused', error, isRetryable: retryableHttpStatuses.has(httpStatus) };
  }
  return refused(failure ?? new Error('the connection was closed before the end of the response'));
}

function causeOf(failure: Error | undefined): Error | undefined {
  return failure?.cause instanceof Error ? failure.cause : failure;
}

function refused(error: Error): AttemptResult {
  return { status: 'refused', error: explained(error), isRetryable: isPassing(error) };
}

/** A server that speaks HTTP/1.1 alone answers with what is no frame of HTTP/2. */
function explained(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_HTTP2_ERROR' && code !== 'ERR_HTTP2_SESSION_ERROR') return error;
  return Object.assign(new Error(`it does not speak gRPC (${error.message})`), { code });
}
