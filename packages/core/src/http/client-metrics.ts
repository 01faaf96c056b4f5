import diagnosticsChannel from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type ClientCallSettings, isObserved, startCall } from './client-call.js';

/**
 * Measures the outgoing requests of `http` and `https` that nothing else has seen, through Node's own diagnostics channel:
 * their head was written before. Telemetry's own exports do not count.
 *
 * @returns stops measuring
 */
export function measureUnseenRequests(settings: ClientCallSettings): () => void {
  const onStart = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (isObserved(request)) return;
    const caller = settings.contextManager.active();
    if (!isTracingSuppressed(caller)) startCall(settings, request, { caller, given: [], hasSpan: false });
  };
  diagnosticsChannel.subscribe('http.client.request.start', onStart);
  return () => diagnosticsChannel.unsubscribe('http.client.request.start', onStart);
}
