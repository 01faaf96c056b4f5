/** OpenTelemetry's word for a kind of telemetry. */
export type Signal = 'traces' | 'metrics' | 'logs';
