import { textAttribute } from '../intake/attributes.js';
import type { HistogramPoint, Span } from '../model/telemetry.js';

/** A route, a topic that is processed, or another kind of work that a service does for others. */
export interface OperationName {
  readonly serviceName: string;
  /** `GET /orders/:id`, `process orders`, or the name of the span. */
  readonly name: string;
}

const noRoute = '(no route)';

/** What a span stands for in the overview; undefined for spans inside an operation. */
export function operationOfSpan(span: Span): OperationName | undefined {
  const { serviceName } = span.resource;
  const { attributes, kind } = span;
  if (kind === 'server') {
    const method =
      textAttribute(attributes, 'http.request.method') ?? textAttribute(attributes, 'http.method');
    if (method === undefined) return { serviceName, name: span.name };
    return { serviceName, name: `${method} ${textAttribute(attributes, 'http.route') ?? noRoute}` };
  }
  if (kind === 'consumer') {
    const type = textAttribute(attributes, 'messaging.operation.type') ?? 'process';
    const topic = textAttribute(attributes, 'messaging.destination.name');
    // Waiting for messages is not work.
    if (type !== 'process') return undefined;
    return { serviceName, name: topic === undefined ? span.name : `process ${topic}` };
  }
  // Work that nobody asked for: a scheduled job, a script.
  const isRoot = span.parentSpanId === undefined;
  return isRoot && (kind === 'internal' || kind === 'unspecified')
    ? { serviceName, name: span.name }
    : undefined;
}

/** What a series of a histogram counts, and the factor that makes its unit milliseconds; undefined for other metrics. */
export function operationOfHistogram({
  metric,
  serviceName,
  labels,
}: HistogramPoint): (OperationName & { readonly millisPerUnit: number }) | undefined {
  const [, kind, unit] =
    /^(http_server_request_duration|messaging_process_duration)_(seconds|milliseconds)$/.exec(metric) ?? [];
  if (kind === undefined) return undefined;
  const millisPerUnit = unit === 'seconds' ? 1_000 : 1;
  if (kind === 'http_server_request_duration') {
    const name = `${labels.http_request_method ?? 'HTTP'} ${labels.http_route || noRoute}`;
    return { serviceName, name, millisPerUnit };
  }
  return { serviceName, name: `process ${labels.messaging_destination_name ?? '(no topic)'}`, millisPerUnit };
}

/**
 * Whether the requests of a series have failed. A 4xx is the caller's mistake, even if it has an error type.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
 */
export function isErrorSeries({ labels }: HistogramPoint): boolean {
  const status = Number(labels.http_response_status_code || Number.NaN);
  return Number.isNaN(status) ? Boolean(labels.error_type) : status >= 500;
}
