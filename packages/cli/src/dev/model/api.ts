import type { Attributes, LogChannel, LogLevel, SpanKind } from './telemetry.js';

/*
 * What the API answers, as JSON. The page and `npm run demo -- --check` read it. Times are milliseconds since 1970,
 * durations are milliseconds, both with fractions.
 */

export interface StatusAnswer {
  readonly version: string;
  /** Where OTLP is taken. */
  readonly endpoint: string;
  /** When a session is open: what it is. Undefined for what is live. */
  readonly session: { readonly name: string; readonly savedMillis: number } | undefined;
  readonly services: readonly ServiceState[];
  readonly counts: { readonly spans: number; readonly traces: number; readonly lines: number };
  readonly sizeBytes: number;
  readonly limits: { readonly spans: number; readonly lines: number; readonly sizeBytes: number };
  /** What no longer fitted into memory. */
  readonly forgotten: { readonly spans: number; readonly lines: number };
  /** What could not be read. */
  readonly refused: {
    readonly requests: number;
    readonly items: number;
    readonly lastReason: string | undefined;
  };
  readonly findings: readonly Finding[];
}

/** A service that was started by the command, that is scraped, or that sent something. */
export interface ServiceState {
  readonly name: string;
  readonly state: 'running' | 'ended' | 'seen';
  /** The command line; undefined if it was not started by this command. */
  readonly command: string | undefined;
  /** How it ended. */
  readonly end: string | undefined;
  readonly metricsUrl: string | undefined;
}

/** Something that is wrong with the telemetry of a service, and what to do. */
export interface Finding {
  readonly serviceName: string;
  readonly level: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Where the code is explained: the address of its page, or the command that prints it. */
  readonly help: string;
}

export interface OverviewAnswer {
  readonly windowMillis: number;
  readonly rows: readonly OverviewRow[];
}

export interface OverviewRow {
  readonly serviceName: string;
  readonly operation: string;
  readonly count: number;
  readonly errorCount: number;
  readonly ratePerSecond: number;
  readonly p50Millis: number | undefined;
  readonly p95Millis: number | undefined;
  readonly p99Millis: number | undefined;
  /** Requests in equal parts of the window, the oldest first. */
  readonly sparkline: readonly number[];
  /** `metrics` counts unsampled requests too, and knows durations by bucket only. */
  readonly source: 'metrics' | 'spans';
}

export interface OperationAnswer {
  readonly serviceName: string;
  readonly operation: string;
  readonly source: 'metrics' | 'spans';
  readonly stepMillis: number;
  /** Steps without requests have a count of 0 and no percentiles. */
  readonly steps: readonly OperationStep[];
  readonly dots: readonly DotAnswer[];
}

export interface OperationStep {
  readonly timeMillis: number;
  readonly count: number;
  readonly errorCount: number;
  readonly p50Millis: number | null;
  readonly p95Millis: number | null;
  readonly p99Millis: number | null;
}

export interface DotAnswer {
  readonly traceId: string;
  readonly timeMillis: number;
  readonly durationMillis: number;
  readonly isError: boolean;
  /** Whether a bucket of the metric names it. */
  readonly isExemplar: boolean;
  /** Whether the trace is in memory. */
  readonly isStored: boolean;
}

export interface TraceSummary {
  readonly traceId: string;
  /** The name of the root span, or of the first one while the root has not arrived. */
  readonly name: string;
  readonly serviceName: string;
  readonly serviceNames: readonly string[];
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly isRootMissing: boolean;
}

export interface TraceAnswer extends TraceSummary {
  /** All spans, of which `rows` is a part. */
  readonly rowCount: number;
  readonly offset: number;
  readonly rows: readonly TraceRow[];
  /** Spans that failed, the first ones, with their places among all rows. */
  readonly errors: readonly { readonly spanId: string; readonly name: string; readonly row: number }[];
  readonly legacyTraceId: string | undefined;
  readonly lineCount: number;
  /** Services whose clock differs from their caller's, so that their spans are shown shifted. */
  readonly shifts: readonly { readonly serviceName: string; readonly shiftMillis: number }[];
}

export interface TraceRow {
  readonly spanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly serviceName: string;
  readonly depth: number;
  /** From the start of the trace. */
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly isError: boolean;
  readonly error: SpanError | undefined;
  /** The database, topic or host that it talks to. */
  readonly target: SpanTarget | undefined;
  /** Its parts on the critical path, from the start of the trace. */
  readonly critical: readonly (readonly [startMillis: number, endMillis: number])[];
  readonly isParentMissing: boolean;
  readonly lineCount: number;
  readonly shiftMillis: number;
}

export interface SpanError {
  readonly type: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

export interface SpanTarget {
  readonly kind: 'database' | 'topic' | 'host';
  /** `postgresql`, `kafka`, `http`. */
  readonly system: string;
  readonly name: string;
}

export interface SpanAnswer {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly serviceName: string;
  readonly scope: string;
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly isError: boolean;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  readonly resourceAttributes: Attributes;
  readonly events: readonly {
    readonly name: string;
    readonly timeMillis: number;
    readonly attributes: Attributes;
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface LinesAnswer {
  /** The newest first, by their times. */
  readonly lines: readonly LineAnswer[];
  /** What `before` must be for older lines; undefined if there are none. */
  readonly nextBefore: number | undefined;
  readonly serviceNames: readonly string[];
}

export interface LineAnswer {
  readonly lineNumber: number;
  readonly timeMillis: number;
  readonly level: LogLevel | undefined;
  readonly message: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly serviceName: string;
  readonly attributes: Attributes;
  readonly resourceAttributes: Attributes | undefined;
  readonly channel: LogChannel;
  /** Whether its trace is in memory. */
  readonly isTraceStored: boolean;
}

export interface MapAnswer {
  readonly windowMillis: number;
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

export interface MapNode {
  readonly id: string;
  readonly kind: 'service' | 'database' | 'topic' | 'host';
  readonly name: string;
  /** `postgresql`, `kafka`; empty for services. */
  readonly system: string;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly errorCount: number;
  readonly ratePerSecond: number;
}

export interface SearchAnswer {
  readonly traces: readonly TraceSummary[];
  readonly operations: readonly { readonly serviceName: string; readonly operation: string }[];
  readonly lines: readonly LineAnswer[];
}

/** What the event stream sends: the page then asks for what it shows. */
export interface ChangeEvent {
  readonly traces: number;
  readonly lines: number;
  readonly operations: number;
  /** Grows when a service starts or ends, when findings change, and when a session is opened or closed. */
  readonly status: number;
}
