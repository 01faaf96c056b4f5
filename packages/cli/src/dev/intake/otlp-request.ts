import type { HistogramPoint, LogRecord, Span } from '../model/telemetry.js';

/** What a request contained. */
export interface Received {
  readonly spans: readonly Span[];
  readonly logs: readonly LogRecord[];
  readonly histograms: readonly HistogramPoint[];
  /** Items that cannot be kept, each with the reason; the rest of the request is kept. */
  readonly rejected: readonly string[];
}

export type OtlpSignal = 'traces' | 'logs' | 'metrics';
export const otlpSignals: readonly OtlpSignal[] = ['traces', 'logs', 'metrics'];

/** The intake's notes on one request. */
export interface Collected {
  readonly spans: Span[];
  readonly logs: LogRecord[];
  readonly histograms: HistogramPoint[];
  readonly rejected: string[];
}

export const emptyCollected = (): Collected => ({ spans: [], logs: [], histograms: [], rejected: [] });
