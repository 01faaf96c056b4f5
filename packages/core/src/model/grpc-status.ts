/** The names of the status codes, by code: https://grpc.io/docs/guides/status-codes/ */
export const grpcStatusNames: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The name of a status code of gRPC, as the semantic conventions want it; UNKNOWN for a code that does not exist. */
export function grpcStatusName(code: number): string {
  return grpcStatusNames[code] ?? 'UNKNOWN';
}
