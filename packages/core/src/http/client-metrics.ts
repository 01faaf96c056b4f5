import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { context, type Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { clientErrorType } from './client-outcome.js';
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

/**
 * Measures every outgoing request of `http` and `https` through Node's own diagnostics channel, so that the durations
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
  const onStart = (message: unknown) => {
    if (isTracingSuppressed(context.active())) return;
    const { request } = message as { request: ClientRequest };
    const startMillis = performance.now();
    const measurement = {
      method: methodLabel(request.method),
      serverAddress: request.host,
      serverPort: serverPort(request),
    };
    ends.whenOver(request, (outcome) => {
      record({
        ...measurement,
        statusCode: outcome.statusCode,
        errorType: clientErrorType(outcome),
        durationSeconds: (outcome.endMillis - startMillis) / 1000,
        span: spans.get(request),
      });
    });
  };
  diagnosticsChannel.subscribe('http.client.request.start', onStart);
  return () => diagnosticsChannel.unsubscribe('http.client.request.start', onStart);
}

/** Node writes the port into the Host header, unless it is the default port of the scheme. */
export function serverPort(request: ClientRequest): number {
  const header = request.getHeader('host');
  const named = parseHost(typeof header === 'string' ? header : undefined);
  return named?.port ?? (request.protocol === 'https:' ? 443 : 80);
}
