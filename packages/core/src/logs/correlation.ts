import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { flagsText } from '../context/trace-parent.js';
import { RecordedSpan } from '../recorder/span/span.js';
import type { LogInfo } from './log-record.js';

/** What the lines of the service's loggers get in addition to the trace. Nothing before init and after shutdown. */
export interface CorrelationSettings {
  /** Labels to add to every line. */
  readonly identity: Readonly<Record<string, string>> | undefined;
  /** Whether a level that is a number is written as a word. */
  readonly levelAsWord: boolean;
  /** Takes a copy of every line. */
  readonly copy: ((info: LogInfo) => void) | undefined;
}

const nothingMore: CorrelationSettings = { identity: undefined, levelAsWord: false, copy: undefined };

const key = Symbol.for('throughline.logs.correlation');
interface Shared {
  settings: CorrelationSettings;
}
let shared: Shared | undefined;

/** One for every copy of this package. */
function sharedState(): Shared {
  const holder = globalThis as { [key]?: Shared };
  holder[key] ??= { settings: nothingMore };
  shared = holder[key];
  return shared;
}

/** The current settings. */
export function correlation(): CorrelationSettings {
  return (shared ?? sharedState()).settings;
}

export function setCorrelation(settings: CorrelationSettings | undefined): void {
  sharedState().settings = settings ?? nothingMore;
}

/** The active context, if there is one, for the copy of a line. */
export function callingContext(): Context | undefined {
  const active = context.active();
  return active === ROOT_CONTEXT ? undefined : active;
}

/** OpenTelemetry's names for formats other than OTLP. */
export interface TraceFields {
  readonly trace_id: string;
  readonly span_id: string;
  readonly trace_flags: string;
}

/** The last result, in the forms that were asked for. Successive lines often belong to one span. */
let lastSpanContext: SpanContext | undefined;
let isLastValid = false;
let lastFields: TraceFields | undefined;
let lastMembers: string | undefined;

/** The span of the calling code. */
function activeSpanContext(): SpanContext | undefined {
  const span = trace.getSpan(context.active());
  if (span === undefined) return undefined;
  const spanContext = span.spanContext();
  if (spanContext !== lastSpanContext) {
    lastSpanContext = spanContext;
    // To check the ids takes longer than to write them. Those of Throughline's own spans are valid.
    isLastValid = span instanceof RecordedSpan || isSpanContextValid(spanContext);
    lastFields = undefined;
    lastMembers = undefined;
  }
  return isLastValid ? spanContext : undefined;
}

/** The trace of the calling code; not to be changed. */
export function activeTrace(): TraceFields | undefined {
  const spanContext = activeSpanContext();
  if (spanContext === undefined) return undefined;
  lastFields ??= {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: flagsText(spanContext.traceFlags),
  };
  return lastFields;
}

/** The trace, and the identity if the options include it. */
export function traceFields(): Readonly<Record<string, string>> | undefined {
  const fields = activeTrace();
  const { identity } = correlation();
  return fields && identity ? { ...fields, ...identity } : ((fields ?? identity) as Record<string, string>);
}

/** The trace of the calling code as members of a JSON object, each after a comma; `''` for none. */
export function traceMembers(): string {
  const spanContext = activeSpanContext();
  if (spanContext === undefined) return '';
  if (lastMembers === undefined) {
    const { traceId, spanId, traceFlags } = spanContext;
    lastMembers = `,"trace_id":"${traceId}","span_id":"${spanId}","trace_flags":"${flagsText(traceFlags)}"`;
  }
  return lastMembers;
}

/**
 * Members to add in front of the `}` of a JSON object that is text already; names that it has stay its own.
 *
 * @param has whether the object has a member of that name
 * @param trace see {@link traceMembers}
 */
export function jsonMembers(has: (name: string) => boolean, trace = traceMembers()): string {
  let members = trace !== '' && !has('trace_id') ? trace : '';
  const { identity } = correlation();
  if (identity !== undefined) {
    for (const name in identity) {
      if (!has(name)) members += `,"${name}":${JSON.stringify(identity[name])}`;
    }
  }
  return members;
}

/** The same at the end of a line of text. */
export function textSuffix(): string {
  const fields = traceFields();
  let suffix = '';
  for (const name in fields)
    suffix += ` ${name}=${/[\s"=]/.test(fields[name] ?? '') ? JSON.stringify(fields[name]) : fields[name]}`;
  return suffix;
}
