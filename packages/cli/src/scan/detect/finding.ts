/** The kinds of findings, and what replaces each. The keys and texts are part of the JSON output. */
export const replacements = {
  'id-made':
    'Throughline makes a W3C trace id (32 hex digits) for each request and message that arrives without one.',
  'header-read': 'Throughline reads traceparent, and also the old header if `legacyTraceHeader` names it.',
  'header-sent':
    'Throughline sends traceparent with every http, https and fetch call, every gRPC call and every message, and also the old header if `legacyTraceHeader` names it.',
  'payload-read':
    'The handler of a message or job runs in the trace of its producer; `logger` writes the trace id. Remove the field from both sides.',
  'payload-sent':
    'Throughline carries the trace in the headers of messages and in the options of jobs. Remove the field when no consumer reads it any more.',
  'header-returned':
    'Keep it if callers quote the id from the response; otherwise remove it. The trace id is in every log line.',
  logged: '`logger` of @throughline/core writes trace_id and span_id on every line; remove the field.',
  'context-stored':
    'Throughline keeps the active trace across await and callbacks; the code does not need to store it.',
  'context-read':
    'Remove it where the code only logs or passes on the id. Elsewhere use `trace.getActiveSpan()?.spanContext().traceId` of @opentelemetry/api.',
  library: 'initObservability() replaces this package; remove the package after its last use.',
} as const;

export type FindingKind = keyof typeof replacements;

/** One place in the code that handles a trace id by hand. */
export interface ScanFinding {
  readonly kind: FindingKind;
  /** Path from the scanned folder, with `/`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The header's name in lower case, if it is known. */
  readonly header?: string;
  /** The line of code, at most 160 characters. */
  readonly code: string;
  readonly replacement: string;
  /** Estimated number of lines that can be removed; a line that several findings share counts for the first one. */
  readonly removableLines: number;
  /** Whether the file is a test. */
  readonly inTest: boolean;
}
