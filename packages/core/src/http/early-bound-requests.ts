import http, { type ClientRequest } from 'node:http';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type ClientCallSettings, isObserved, startCall } from './client-call.js';

/** `ClientRequest` with the method that writes its head, called once, before the first byte leaves. */
type ClientRequestPrototype = { _implicitHeader(this: ClientRequest): void };

/**
 * Observes the requests that were not made through the module: `http.request` is replaced there, and
 * a `const { request } = require('node:http')` evaluated before init keeps the original. Every request writes
 * its head through the same method, no matter which function created it.
 *
 * @returns stops it
 */
export function observeEarlyBoundRequests(settings: ClientCallSettings): () => void {
  const prototype = http.ClientRequest.prototype as unknown as ClientRequestPrototype;
  const original = prototype._implicitHeader;
  if (typeof original !== 'function') return () => {};
  let active = true;
  function writeHead(this: ClientRequest): void {
    if (active && !isObserved(this)) {
      try {
        const caller = settings.contextManager.active();
        if (!isTracingSuppressed(caller)) startCall(settings, this, { caller, given: [], hasSpan: true });
      } catch {
        // The request goes out untraced.
      }
    }
    original.call(this);
  }
  prototype._implicitHeader = writeHead;
  return () => {
    active = false;
    if (prototype._implicitHeader === writeHead) prototype._implicitHeader = original;
  };
}
