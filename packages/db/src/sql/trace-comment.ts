import { isSpanContextValid, type Span } from '@opentelemetry/api';

/**
 * The text with the span's context in a comment at its end, in the format of sqlcommenter: keys sorted, keys and
 * values URL-encoded. https://google.github.io/sqlcommenter/spec/
 *
 * @returns the unchanged text if there is no span, or if the text already has such a comment
 */
export function withTraceComment(sql: string, span: Span | undefined): string {
  if (span === undefined || sql.includes("traceparent='")) return sql;
  const spanContext = span.spanContext();
  if (!isSpanContextValid(spanContext)) return sql;
  const flags = spanContext.traceFlags.toString(16).padStart(2, '0');
  const pairs = [`traceparent='00-${spanContext.traceId}-${spanContext.spanId}-${flags}'`];
  const state = spanContext.traceState?.serialize();
  if (state) pairs.push(`tracestate='${encoded(state)}'`);
  // MySQL takes nothing after the semicolon of a single statement.
  let end = sql.length;
  while (end > 0 && /[\s;]/.test(sql[end - 1] as string)) end--;
  return `${sql.slice(0, end)} /*${pairs.join(',')}*/${sql.slice(end)}`;
}

/** What encodeURIComponent leaves could end the value. */
const encoded = (value: string) =>
  encodeURIComponent(value).replace(
    /['*()!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
