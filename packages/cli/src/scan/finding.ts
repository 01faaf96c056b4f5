/** What a finding is, and what replaces it. The words are part of the JSON output. */
export const replacements = {
  'id-made':
    'Throughline makes the trace id (W3C, 32 hex digits) for each request and message that arrives without one.',
  'header-read':
    'Throughline reads traceparent by itself, and the old header while `legacyTraceHeader` names it.',
  'header-sent':
    'Throughline writes traceparent on every http, https and fetch call and every Kafka message, and the old header too while `legacyTraceHeader` sends it.',
  'header-returned':
    'Keep it while callers quote the id from the answer; else remove it. The trace id is in every log line.',
  logged:
    '`logger` of @throughline/core writes trace_id and span_id on every line; the field by hand can go.',
  'context-stored':
    'Throughline keeps the active trace across await and callbacks; nothing needs to be stored.',
  'context-read':
    'The id is needed nowhere by hand; where it is, `trace.getActiveSpan()?.spanContext().traceId` of @opentelemetry/api has it.',
  library: 'initObservability() does what this package does; remove it when its last use is gone.',
} as const;

export type FindingKind = keyof typeof replacements;

/** One place in the code that handles a trace id by hand. */
export interface Finding {
  readonly kind: FindingKind;
  /** Path from the scanned folder, with `/`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The header's name in small letters where one is known. */
  readonly header?: string;
  /** The line of code, without what stands around it. */
  readonly code: string;
  readonly replacement: string;
  /** How many lines can go with it, estimated; lines that several findings share count for the first. */
  readonly removableLines: number;
  /** Whether the file is a test. */
  readonly inTest: boolean;
}
