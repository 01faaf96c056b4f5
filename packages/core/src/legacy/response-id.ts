import type { ServerResponse } from 'node:http';
import { type Context, isSpanContextValid, trace } from '@opentelemetry/api';
import { flagsText } from '../context/trace-parent.js';
import { valueFor } from './bridge-propagator.js';
import { oldHeaderOf } from './legacy-header.js';

/** Writes the id of a trace into a response before the service answers. */
export type WriteId = (response: ServerResponse, context: Context) => void;

/**
 * @param header the old header, as it is to be written; the one that the request came with goes before it
 */
export function responseId(respond: 'traceresponse' | 'legacy' | 'both', header: string): WriteId {
  return (response, context) => {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    if (respond !== 'legacy') {
      // https://w3c.github.io/trace-context/#traceresponse-header
      set(response, 'traceresponse', `00-${span.traceId}-${span.spanId}-${flagsText(span.traceFlags)}`);
    }
    if (respond !== 'traceresponse') {
      const came = oldHeaderOf(context);
      set(response, came?.name ?? header, came?.value ?? valueFor(header.toLowerCase(), undefined, span));
    }
  };
}

function set(response: ServerResponse, name: string, value: string): void {
  if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value);
}
