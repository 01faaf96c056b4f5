import type { IncomingMessage } from 'node:http';
import {
  type Context,
  createContextKey,
  diag,
  isSpanContextValid,
  type SpanContext,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isLateAnswer } from '../model/late-rejection.js';
import type { TrustIncomingTrace } from '../options/http-options.js';
import { oncePerInterval } from '../timing/once-per-interval.js';

/** What the server side of a process makes spans with. */
export interface ServerTracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
}

const callerKey = createContextKey('throughline.http.linked-caller');
const complaintIntervalMillis = 60_000;

/**
 * Keeps the trace headers of callers that are not trusted out of the service: the request begins a new trace,
 * with a link to the caller's span if the option says so. Baggage of such a caller is dropped, because outgoing calls
 * would pass it on.
 */
export function trustedOnly(tracing: ServerTracing, trust: TrustIncomingTrace): ServerTracing {
  if (trust === true) return tracing;
  const { propagator, tracer } = tracing;
  const complain = oncePerInterval(complaintIntervalMillis, (error: unknown) =>
    diag.error('http.trustIncomingTrace threw an error; the trace of the caller is not continued.', error),
  );
  const decide = (carrier: unknown): boolean | 'link' => {
    if (typeof trust !== 'function') return trust;
    try {
      const decision: unknown = trust(carrier as IncomingMessage);
      // Anything else is not a yes.
      if (isLateAnswer(decision, complain)) return false;
      return decision === true || decision === 'link' ? decision : false;
    } catch (error) {
      complain(error);
      return false;
    }
  };
  return {
    propagator: {
      inject: (context, carrier, setter) => propagator.inject(context, carrier, setter),
      fields: () => propagator.fields(),
      extract(context, carrier, getter) {
        const decision = decide(carrier);
        if (decision === false) return context;
        const extracted = propagator.extract(context, carrier, getter);
        if (decision === true) return extracted;
        const caller = trace.getSpanContext(extracted);
        return caller && isSpanContextValid(caller) ? context.setValue(callerKey, caller) : context;
      },
    },
    tracer: {
      startSpan: (name, options, context) => tracer.startSpan(name, withLink(options, context), context),
      startActiveSpan: tracer.startActiveSpan.bind(tracer),
    },
  };
}

function withLink(options: Parameters<Tracer['startSpan']>[1], context: Context | undefined) {
  const caller = context?.getValue(callerKey) as SpanContext | undefined;
  if (!caller) return options;
  // Attributes that are made when they are read are not copied with the rest.
  const { attributes = {}, links = [] } = options ?? {};
  return { ...options, attributes, links: [...links, { context: caller }] };
}
