import type { HistogramPoint, LogRecord, Resource, Span } from '../src/dev/model/telemetry.js';

/** Telemetry for tests, as the intake gives it. */
const resources = new Map<string, Resource>();

function resource(serviceName: string): Resource {
  const known = resources.get(serviceName) ?? { serviceName, attributes: { 'service.name': serviceName } };
  resources.set(serviceName, known);
  return known;
}

export const id = (number: number, digits = 16): string => (number + 1).toString(16).padStart(digits, '0');

/** @param spanId also its number in {@link id} */
export function span(
  spanId: number,
  fields: Partial<Omit<Span, 'spanId' | 'parentSpanId'>> & { parent?: number; service?: string } = {},
): Span {
  const { parent, service = 'orders', ...rest } = fields;
  return {
    ...{
      traceId: id(0, 32),
      name: `span ${spanId}`,
      kind: 'internal',
      startMillis: 1_000,
      durationMillis: 10,
    },
    ...{ isError: false, statusMessage: '', attributes: {}, events: [], links: [], scope: '' },
    ...rest,
    resource: resource(service),
    spanId: id(spanId),
    parentSpanId: parent === undefined ? undefined : id(parent),
  };
}

export const line = (message: string, fields: Partial<LogRecord> = {}): LogRecord => ({
  ...{ timeMillis: 1_000, level: 'info', message, traceId: undefined, spanId: undefined },
  ...{ serviceName: 'orders', attributes: {}, resourceAttributes: undefined, channel: 'stdout' },
  ...fields,
});

/** A cumulative point of `http_server_request_duration_seconds` with the bounds 0.1 and 1. */
export const histogram = (
  counts: readonly number[],
  fields: Partial<HistogramPoint> = {},
): HistogramPoint => ({
  ...{ metric: 'http_server_request_duration_seconds', serviceName: 'orders', timeMillis: 1_000, counts },
  ...{ bounds: [0.1, 1], exemplars: [], isDelta: false, startMillis: undefined, instance: '' },
  labels: { http_request_method: 'GET', http_route: '/orders' },
  ...fields,
});
