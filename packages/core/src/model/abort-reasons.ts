/** What the service has passed to `AbortController.abort()`. */
const reasons = new WeakSet<object>();

/** Remembers a reason for which the service aborts something. */
export function rememberAbortReason(reason: unknown): void {
  if (typeof reason === 'object' && reason !== null) reasons.add(reason);
}

/** Whether the service gave this value as the reason for which it aborts something. */
export function isAbortReason(value: unknown): boolean {
  return typeof value === 'object' && value !== null && reasons.has(value);
}
