import type { Span } from '@opentelemetry/api';

/** What an outgoing call reports when it is over; label values are final. */
export interface ClientRequestMeasurement {
  readonly method: string;
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly durationSeconds: number;
  readonly span: Span | undefined;
}

export type ClientRequestRecorder = (measurement: ClientRequestMeasurement) => void;
