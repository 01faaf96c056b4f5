/** A span as OTLP/JSON has it, its attributes as a plain record. */
export interface ReceivedSpan {
  readonly name: string;
  /** 2 is a server span, 3 a client span. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly scope: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export declare function startIntake(): Promise<{
  readonly url: string;
  spansOf(service: string): readonly ReceivedSpan[];
  stop(): Promise<void>;
}>;
export declare function startEcho(): Promise<{ readonly url: string; stop(): Promise<void> }>;
