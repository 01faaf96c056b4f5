import diagnosticsChannel from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ClientOutcome } from './client-outcome.js';
import type { OpenResponse, UnreadResponses } from './unread-responses.js';

/** How an outgoing `http` or `https` request ended. Without response and error it was an upgrade or CONNECT. */
export interface ClientRequestOutcome extends ClientOutcome {
  readonly response: IncomingMessage | undefined;
  /** When it was over, as a reading of `performance.now()`. */
  readonly endMillis: number;
}

type OutcomeListener = (outcome: ClientRequestOutcome) => void;

export interface ClientRequestEnds {
  /**
   * Calls the listener once: when the response has been read or discarded, when the request has failed, or when it is
   * clear that the response is not read.
   */
  whenOver(request: ClientRequest, listener: OutcomeListener): void;
  stop(): void;
}

/**
 * Follows outgoing requests to their end without a 'response' listener, which would keep Node from discarding
 * a body that is not read: the diagnostics channel `http.client.response.finish` reports the response.
 */
export function followClientRequests(unread: UnreadResponses): ClientRequestEnds {
  const listeners = new WeakMap<ClientRequest, OutcomeListener[]>();
  const responses = new WeakMap<ClientRequest, IncomingMessage>();

  const end = (request: ClientRequest, error?: unknown, endMillis = performance.now()) => {
    const waiting = listeners.get(request);
    if (!waiting) return;
    listeners.delete(request);
    const response = responses.get(request);
    const outcome = { response, statusCode: response?.statusCode, error, endMillis };
    for (const listener of waiting) listener(outcome);
  };
  const onResponse = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (!listeners.has(request)) return;
    responses.set(request, response);
    const headersMillis = performance.now();
    const open: OpenResponse = {
      progress: () => (isUnread(response) ? 'unread' : undefined),
      settle: () => end(request, undefined, headersMillis),
    };
    unread.add(open);
    const over = (error?: unknown) => {
      unread.delete(open);
      end(request, error);
    };
    response.once('end', () => over());
    response.once('close', () => over());
    response.once(errorMonitor, over);
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
      // A response that breaks off emits its error only after this.
      request.once('close', () => {
        if (!responses.has(request)) end(request);
      });
    },
    stop: () => diagnosticsChannel.unsubscribe('http.client.response.finish', onResponse),
  };
}

/** Whether the body is not being read, and no listener waits for data. */
function isUnread(response: IncomingMessage): boolean {
  return (
    !response.readableDidRead && response.readableFlowing !== true && response.listenerCount('readable') === 0
  );
}
