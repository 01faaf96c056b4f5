import type { Span } from '@opentelemetry/api';
import type { BoundInstrument } from '../instruments/instruments.js';

/** The labels of an outgoing call; their values are final. */
export interface ClientLabels {
  readonly method: string;
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  readonly statusCode: number | undefined;
}

/** What an outgoing call reports when it is over. */
export interface ClientRequestMeasurement extends ClientLabels {
  readonly errorType: string | undefined;
  readonly durationSeconds: number;
  readonly span: Span | undefined;
}

/** Where outgoing calls are recorded. */
export interface ClientMetrics {
  record(measurement: ClientRequestMeasurement): void;
  /** The series of calls with these labels that succeed. */
  ofSucceeded(labels: ClientLabels): BoundInstrument;
}
