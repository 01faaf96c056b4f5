import diagnosticsChannel from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** How an outgoing `http` or `https` request ended. Without response and error it was an upgrade or CONNECT. */
export interface ClientRequestOutcome {
  readonly response: IncomingMessage | undefined;
  readonly error: unknown;
}

type OutcomeListener = (outcome: ClientRequestOutcome) => void;

export interface ClientRequestEnds {
  /** Calls the listener once, when the response has been read or discarded, or the request has failed. */
  whenOver(request: ClientRequest, listener: OutcomeListener): void;
  stop(): void;
}

/**
 * Follows outgoing requests to their end without a 'response' listener, which would keep Node from discarding
 * a body that nobody reads: the diagnostics channel `http.client.response.finish` tells of the response.
 */
export function followClientRequests(): ClientRequestEnds {
  const listeners = new WeakMap<ClientRequest, OutcomeListener[]>();
  const responses = new WeakMap<ClientRequest, IncomingMessage>();

  const end = (request: ClientRequest, error?: unknown) => {
    const waiting = listeners.get(request);
    if (!waiting) return;
    listeners.delete(request);
    const outcome = { response: responses.get(request), error };
    for (const listener of waiting) listener(outcome);
  };
  const onResponse = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (!listeners.has(request)) return;
    responses.set(request, response);
    response.once('end', () => end(request));
    response.once('close', () => end(request));
    response.once(errorMonitor, (error) => end(request, error));
  };
  diagnosticsChannel.subscribe('http.client.response.finish', onResponse);

  return {
    whenOver(request, listener) {
      const waiting = listeners.get(request);
      if (waiting) {
        waiting.push(listener);
        return;
      }
      listeners.set(request, [listener]);
      request.once(errorMonitor, (error) => end(request, error));
      request.once('close', () => end(request));
    },
    stop: () => diagnosticsChannel.unsubscribe('http.client.response.finish', onResponse),
  };
}
