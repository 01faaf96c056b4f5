import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import type { LogInfo } from './log-record.js';

export const correlatedLibraries = ['winston', 'pino', 'bunyan', 'nestjs', 'console'] as const;
export type CorrelatedLibrary = (typeof correlatedLibraries)[number];

export const correlationExtras = ['level', 'identity', 'otlp'] as const;
export type CorrelationExtra = (typeof correlationExtras)[number];

/** What the lines of the service's own loggers get beside the trace; nothing before init and after shutdown. */
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
const holder = globalThis as { [key]?: CorrelationSettings | undefined };

/** The settings in force, for every copy of this package. */
export function correlation(): CorrelationSettings {
  return holder[key] ?? nothingMore;
}

export function setCorrelation(settings: CorrelationSettings | undefined): void {
  holder[key] = settings;
}

/** Marks a function that adds the trace, so that none is put around it twice. */
export const correlated = Symbol.for('throughline.logs.correlated');

/** The active context where there is one, for the copy of a line. */
export function callingContext(): Context | undefined {
  const active = context.active();
  return active === ROOT_CONTEXT ? undefined : active;
}

export function activeSpanContext(): SpanContext | undefined {
  const spanContext = trace.getSpanContext(context.active());
  return spanContext && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** OpenTelemetry's names for formats other than OTLP, and the identity where it is asked for. */
export function traceFields(): Record<string, string> | undefined {
  const spanContext = activeSpanContext();
  const { identity } = correlation();
  if (!spanContext) return identity && { ...identity };
  return {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: flagsText(spanContext),
    ...identity,
  };
}

function flagsText({ traceFlags }: SpanContext): string {
  return (traceFlags & 0xff).toString(16).padStart(2, '0');
}

/**
 * Members to add in front of the `}` of a JSON object that is text already; names that it has stay its own.
 *
 * @param has whether the object has a member of that name
 */
export function jsonMembers(has: (name: string) => boolean): string {
  const spanContext = activeSpanContext();
  let members = '';
  if (spanContext && !has('trace_id')) {
    members = `,"trace_id":"${spanContext.traceId}","span_id":"${spanContext.spanId}","trace_flags":"${flagsText(spanContext)}"`;
  }
  const { identity } = correlation();
  for (const name in identity) {
    if (!has(name)) members += `,"${name}":${JSON.stringify(identity[name])}`;
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
