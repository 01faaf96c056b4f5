import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server } from 'node:net';

/*
 * Servers of http2 that answer on its own API, without request and response objects: `server.on('stream', …)`.
 */

/**
 * Whether an event named `stream` is a request that no other event reports: a server that also has listeners for
 * `request` gets an event for that.
 */
export function isStreamRequest(server: Server, args: readonly unknown[]): boolean {
  const [stream, headers] = args as [Partial<ServerHttp2Stream> | undefined, IncomingHttpHeaders | undefined];
  return (
    typeof stream?.respond === 'function' &&
    headers?.[':method'] !== undefined &&
    server.listenerCount('request') === 0
  );
}

/** A stream as what is read of a request. */
export function requestOfStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): IncomingMessage {
  const request = {
    method: headers[':method'],
    url: headers[':path'],
    headers,
    httpVersion: '2.0',
    httpVersionMajor: 2,
    socket: stream.session?.socket,
  };
  return request as unknown as IncomingMessage;
}

/** A stream as what is read of a response that is over. */
export function responseOfStream({
  headersSent,
  sentHeaders,
  sentTrailers,
}: ServerHttp2Stream): ServerResponse {
  const response = {
    headersSent,
    sentHeaders,
    sentTrailers,
    statusCode: Number(sentHeaders?.[':status']),
    getHeader: (name: string) => sentHeaders?.[name],
  };
  return response as unknown as ServerResponse;
}

/** Whether all of the response was handed over, as far as the server can know. */
export function isStreamComplete(stream: ServerHttp2Stream): boolean {
  return stream.headersSent && !stream.aborted && (stream.writableFinished || stream.rstCode === 0);
}

/** Calls back when the response to a CONNECT request begins. What follows is a tunnel, not a response. */
export function whenTunnelOpens(stream: ServerHttp2Stream, opened: () => void): void {
  const { respond } = stream;
  stream.respond = function respondOnce(this: ServerHttp2Stream, ...args: Parameters<typeof respond>) {
    Reflect.deleteProperty(stream, 'respond');
    const result = Reflect.apply(respond, this, args);
    opened();
    return result;
  };
}
