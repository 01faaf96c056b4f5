import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import { grpcStatusName } from '../model/grpc-status.js';
import { copyOf } from '../model/text-copy.js';

/*
 * gRPC servers answer on http2, whichever library they use, so a call is seen as a request is. Only what it is called differs.
 * https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */

/** What a call of this service reports when it is over; label values are final. */
export interface ServerCallMeasurement {
  readonly method: string;
  /** Name of the status that was sent, `CANCELLED` if the client left first. */
  readonly statusCode: string;
  readonly errorType: string | undefined;
}

export function isGrpcRequest(request: IncomingMessage): boolean {
  if (request.httpVersionMajor < 2) return false;
  const contentType = request.headers['content-type'];
  return (
    contentType?.startsWith('application/grpc') === true && !contentType.startsWith('application/grpc-web')
  );
}

/** `/shop.Cart/Add` as `shop.Cart/Add`. */
export function grpcMethodOf(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}

/** The status in the trailers, or in the headers of a response without messages; undefined if none was sent. */
export function sentGrpcStatus(response: ServerResponse): string | undefined {
  const { stream } = response as unknown as Partial<Http2ServerResponse>;
  const { sentTrailers, sentHeaders } = (stream ?? response) as unknown as Partial<ServerHttp2Stream>;
  const code = sentTrailers?.['grpc-status'] ?? sentHeaders?.['grpc-status'];
  return code === undefined ? undefined : grpcStatusName(Number(code));
}

/** Statuses that are failures of the server, not of its caller. */
const serverErrors: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

export function isServerError(status: string): boolean {
  return serverErrors.has(status);
}

/** More methods than a server has. */
const maxMethods = 1_000;
const maxMethodLength = 256;
const knownMethods = new Set<string>();

/**
 * The method as a label. A client can call methods that do not exist, with any name: one that never had another status than
 * UNIMPLEMENTED is `_OTHER`.
 */
export function methodLabelOf(method: string, status: string): string {
  if (knownMethods.has(method)) return method;
  if (status === 'UNIMPLEMENTED' || knownMethods.size >= maxMethods || method.length > maxMethodLength)
    return '_OTHER';
  knownMethods.add(copyOf(method));
  return method;
}
