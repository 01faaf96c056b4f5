import type { ContextManager, MeterProvider, TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import type { Part } from '../model/part.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { noMetrics } from '../patching/stock-instrumentation.js';
import { createQueryRedaction } from '../redaction/query-redaction.js';
import { rememberAbortReasons } from './abort-reasons.js';
import { observeClientRequests } from './client-metrics.js';
import { followClientRequests } from './client-request-end.js';
import { traceCapturedRequests } from './early-bound-requests.js';
import type { HttpMetrics } from './http-metrics.js';
import { observeIncomingRequests } from './incoming.js';
import { trustedOnly } from './incoming-trust.js';
import { createOutgoingInstrumentation } from './outgoing.js';
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
  readonly instrument: (
    instrumentation: Instrumentation,
    modules: undefined,
    meterProvider: MeterProvider,
  ) => () => void;
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
  instrument,
}: HttpParts): Part {
  const redactQuery = createQueryRedaction(options.redactQueryParameters);
  const unread = watchUnreadResponses();
  const ends = followClientRequests(unread);
  const outgoing = createOutgoingInstrumentation(redactQuery, ends, carrying);
  const tracing = { tracer, contextManager, propagator, redactQuery };
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
    observeClientRequests(ends, outgoing.spans, metrics.client),
    traceCapturedRequests({ ...tracing, ends, carrying, spans: outgoing.spans }),
    () => ends.stop(),
    () => unread.stop(),
    rememberAbortReasons(),
    observeUndici({ ...tracing, carrying, unread, record: metrics.client }),
    // The durations of client calls are measured by Throughline itself, alike for all of them.
    instrument(outgoing.http, undefined, noMetrics),
  ];
  return {
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
