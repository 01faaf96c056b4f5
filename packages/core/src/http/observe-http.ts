import type { ContextManager, TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import type { Part } from '../model/part.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { createQueryRedaction } from '../redaction/query-redaction.js';
import { rememberAbortReasons } from './abort-reasons.js';
import { measureUnseenRequests } from './client-metrics.js';
import { ClientTargets } from './client-target.js';
import { observeEarlyBoundRequests } from './early-bound-requests.js';
import type { HttpMetrics } from './http-metrics.js';
import { observeIncomingRequests } from './incoming.js';
import { trustedOnly } from './incoming-trust.js';
import { observeOutgoingRequests } from './outgoing.js';
import type { OutgoingHeaders } from './outgoing-headers.js';
import type { RequestBridge } from './request-bridge.js';
import type { AccessLog } from './server-request.js';
import { observeUndici } from './undici-requests.js';
import { watchUnreadResponses } from './unread-responses.js';

export interface HttpParts {
  readonly options: ResolvedOptions['http'];
  readonly tracer: Tracer;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
  readonly metrics: HttpMetrics;
  readonly legacy: RequestBridge | undefined;
  readonly carrying: OutgoingHeaders | undefined;
  readonly accessLog: AccessLog | undefined;
  /** A plugin failed to name the route of a request. */
  readonly routeFailed: (error: unknown) => void;
  readonly canonicalLine: WriteCanonicalLine | undefined;
}

/** Spans, metrics and propagation for HTTP in and out. */
export function observeHttp({
  options,
  tracer,
  contextManager,
  propagator,
  metrics,
  legacy,
  carrying,
  accessLog,
  routeFailed,
  canonicalLine,
}: HttpParts): Part {
  const redactQuery = createQueryRedaction(options.redactQueryParameters);
  const unread = watchUnreadResponses();
  const tracing = { tracer, contextManager, propagator, redactQuery };
  const calls = { ...tracing, carrying, unread, targets: new ClientTargets(), record: metrics.client };
  const undos = [
    observeIncomingRequests({
      ...options,
      ...tracing,
      ...trustedOnly({ tracer, propagator }, options.trustIncomingTrace),
      recorder: metrics.server,
      accessLog,
      routeFailed,
      canonicalLine,
      writeId: legacy?.writeId,
    }),
    measureUnseenRequests(calls),
    observeEarlyBoundRequests(calls),
    () => unread.stop(),
    rememberAbortReasons(),
    observeUndici(calls),
    observeOutgoingRequests(calls),
  ];
  return {
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
