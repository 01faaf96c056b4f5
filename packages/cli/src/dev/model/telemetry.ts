/** A value of an attribute, as OTLP's `AnyValue` allows it. Bytes are base64 text. 64-bit integers beyond 2^53 are text. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

/** Attributes by name. The object has no prototype, so that `__proto__` is a name like any other. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What sent the telemetry. */
export interface Resource {
  /** `service.name`, or `unknown_service`. */
  readonly serviceName: string;
  readonly attributes: Attributes;
}

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof spanKinds)[number];

export interface SpanEvent {
  readonly name: string;
  /** Since 1970, with fractions. */
  readonly timeMillis: number;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface Span {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Since 1970, with fractions. */
  readonly startMillis: number;
  /** Never negative. */
  readonly durationMillis: number;
  readonly isError: boolean;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly resource: Resource;
  /** The library that made the span. */
  readonly scope: string;
}

/** From the least to the most severe. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogRecord {
  /** Since 1970, with fractions. */
  readonly timeMillis: number;
  /** Undefined for lines that name no level. */
  readonly level: LogLevel | undefined;
  readonly message: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly serviceName: string;
  readonly attributes: Attributes;
  /** Of the sender, by OTLP; undefined for lines of stdout and stderr, whose fields say all. */
  readonly resourceAttributes: Attributes | undefined;
  readonly channel: LogChannel;
}

/** How a line arrived. */
export type LogChannel = 'otlp' | 'stdout' | 'stderr';

/** A bucket's link from a metric to a trace. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string | undefined;
  readonly value: number;
  readonly timeMillis: number | undefined;
}

/** One series of a histogram at one time. */
export interface HistogramPoint {
  /** In Prometheus' form: `http_server_request_duration_seconds`. */
  readonly metric: string;
  readonly serviceName: string;
  /** Labels in Prometheus' form: `http_route`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly timeMillis: number;
  /** The upper bounds of all buckets but the last, ascending. */
  readonly bounds: readonly number[];
  /** One for each bound, and one for what is above; not cumulative over the buckets. */
  readonly counts: readonly number[];
  readonly exemplars: readonly Exemplar[];
  /** Whether the counts are those since the last point. */
  readonly isDelta: boolean;
  /** When counting began, if known. */
  readonly startMillis: number | undefined;
  /** Tells apart the instances of a service, whose series have the same labels. */
  readonly instance: string;
}
