import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { context, type Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { errorCodeOf, errorType } from '../model/foreign-error.js';
import type { ClientRequestEnds } from './client-request-end.js';
import { parseHost } from './host-header.js';
import { methodLabel } from './methods.js';

export interface ClientRequestMeasurement {
  readonly method: string;
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly durationSeconds: number;
  readonly span: Span | undefined;
}

export type ClientRequestRecorder = (measurement: ClientRequestMeasurement) => void;

export interface UndiciRequest {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method?: string;
  readonly headers?: readonly unknown[] | string;
}

interface StartedRequest {
  readonly startMillis: number;
  readonly method: string;
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  statusCode?: number;
}

/**
 * Measures every outgoing request through Node's and undici's own diagnostics channels, so that the durations
 * do not depend on sampling, nor on how the client was imported. Telemetry's own exports do not count.
 *
 * @param spans the client span of each request that has one
 * @returns stops measuring
 */
export function observeClientRequests(
  ends: ClientRequestEnds,
  spans: WeakMap<object, Span>,
  record: ClientRequestRecorder,
): () => void {
  const undiciRequests = new WeakMap<object, StartedRequest>();
  const subscriptions: [string, (message: unknown) => void][] = [
    ['http.client.request.start', (message) => onHttpStart((message as { request: ClientRequest }).request)],
    ['undici:request:create', (message) => onUndiciCreate((message as { request: UndiciRequest }).request)],
    ['undici:request:headers', (message) => onUndiciHeaders(message as UndiciHeaders)],
    ['undici:request:trailers', (message) => finishUndici((message as { request: UndiciRequest }).request)],
    [
      'undici:request:error',
      (message) => finishUndici((message as UndiciFailure).request, (message as UndiciFailure).error),
    ],
  ];
  for (const [channel, listener] of subscriptions) diagnosticsChannel.subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of subscriptions) diagnosticsChannel.unsubscribe(channel, listener);
  };

  function onHttpStart(request: ClientRequest): void {
    if (isTracingSuppressed(context.active())) return;
    const startMillis = performance.now();
    const measurement = {
      method: methodLabel(request.method),
      serverAddress: request.host,
      serverPort: serverPort(request),
    };
    ends.whenOver(request, ({ response, error }) => {
      record({
        ...measurement,
        statusCode: response?.statusCode,
        errorType: clientErrorType(response?.statusCode, error),
        durationSeconds: (performance.now() - startMillis) / 1000,
        span: spans.get(request),
      });
    });
  }

  function onUndiciCreate(request: UndiciRequest): void {
    if (request.method === 'CONNECT' || isTracingSuppressed(context.active())) return;
    let url: URL;
    try {
      url = new URL(String(request.origin));
    } catch {
      return;
    }
    undiciRequests.set(request, {
      startMillis: performance.now(),
      method: methodLabel(request.method),
      serverAddress: url.hostname,
      serverPort: url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80,
    });
  }

  function onUndiciHeaders({ request, response }: UndiciHeaders): void {
    const started = undiciRequests.get(request);
    if (started) started.statusCode = response.statusCode;
  }

  function finishUndici(request: UndiciRequest, error?: unknown): void {
    const started = undiciRequests.get(request);
    if (!started) return;
    undiciRequests.delete(request);
    record({
      method: started.method,
      serverAddress: started.serverAddress,
      serverPort: started.serverPort,
      statusCode: started.statusCode,
      errorType: clientErrorType(started.statusCode, error),
      durationSeconds: (performance.now() - started.startMillis) / 1000,
      span: spans.get(request),
    });
  }
}

interface UndiciHeaders {
  readonly request: UndiciRequest;
  readonly response: { readonly statusCode: number };
}

interface UndiciFailure {
  readonly request: UndiciRequest;
  readonly error: unknown;
}

/** The port stands in the Host header that Node writes, unless it is the scheme's own. */
export function serverPort(request: ClientRequest): number {
  const header = request.getHeader('host');
  const named = parseHost(typeof header === 'string' ? header : undefined);
  return named?.port ?? (request.protocol === 'https:' ? 443 : 80);
}

/** A client counts 4xx as an error too: semantic conventions, http.client.request.duration. */
export function clientErrorType(statusCode: number | undefined, error: unknown): string | undefined {
  if (error !== undefined) {
    return errorCodeOf(error) ?? errorType(error);
  }
  return statusCode !== undefined && statusCode >= 400 ? String(statusCode) : undefined;
}

/** undici keeps headers as a flat list of names and values; before version 6 as text. */
export function undiciHeader(
  headers: readonly unknown[] | string | undefined,
  name: string,
): string | undefined {
  if (typeof headers === 'string') {
    return new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1]?.trim();
  }
  if (!headers) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === name) return String(headers[i + 1]);
  }
  return undefined;
}
