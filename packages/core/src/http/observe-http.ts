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
  /** The instrumentations that the service lists itself. */
  readonly stock: readonly StockInstrumentation[];
}

interface StockInstrumentation {
  readonly instrumentationName?: string;
  getConfig?(): object;
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
  stock,
}: HttpParts): Part {
  const redactQuery = createQueryRedaction(options.redactQueryParameters);
  const unread = watchUnreadResponses();
  const tracing = { tracer, contextManager, propagator, redactQuery };
  const calls = { ...tracing, carrying, unread, targets: new ClientTargets(), metrics: metrics.client };
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
    () => unread.stop(),
    rememberAbortReasons(),
    observeUndici(calls),
  ];
  // Otherwise each call would have two spans. The metric is recorded all the same.
  if (!stock.some(makesClientSpans)) {
    undos.push(observeEarlyBoundRequests(calls), observeOutgoingRequests(calls));
  }
  return {
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}

function makesClientSpans(instrumentation: StockInstrumentation): boolean {
  return (
    instrumentation.instrumentationName === '@opentelemetry/instrumentation-http' &&
    Reflect.get(instrumentation.getConfig?.() ?? {}, 'disableOutgoingRequestInstrumentation') !== true
  );
}
