export const TRACE_HEADER = 'x-trace-id';
export const FLOW = 'x-acme-request-id';
export enum Header {
  Correlation = 'X-Correlation-Id',
  ContentType = 'content-type',
}
export const Names = { request: 'X-Request-ID', version: 'x-api-version' } as const;
