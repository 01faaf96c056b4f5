/** Spans as one request to an OTLP intake. */
export interface SpanChunk {
  /** An ExportTraceServiceRequest as protobuf. Two of them one after the other are one again. */
  readonly body: Uint8Array;
  readonly spanCount: number;
}

/** What became of one chunk. */
export type SendResult =
  | {
      readonly status: 'accepted';
      /** Spans that the intake took the request for, but would not keep ("partial success"). */
      readonly rejectedCount: number;
      /** The message of the intake. It may have one even if it accepted everything. */
      readonly message?: string | undefined;
      /** Whether the chunk is still being sent: the intake answered before it had all of it. */
      readonly isStillRead?: true | undefined;
    }
  | {
      readonly status: 'failed';
      readonly error: Error;
      /** How long the intake asked to be left alone. */
      readonly retryInMillis?: number | undefined;
    };

/** Sends chunks to one intake, over one protocol. Retries, deadlines and compression are its own affair. */
export interface OtlpTransport {
  /** Never rejects. */
  send(chunk: SpanChunk): Promise<SendResult>;
  /** The process is ending: nothing is retried any more, and what gets no answer fails after this time. */
  hurry(longestMillis: number): void;
  /** From now on nothing is sent, and what is under way has failed. */
  abandon(): void;
}
