import { expect } from 'vitest';

/**
 * Waits until so many spans of that name have ended.
 *
 * @template {{ readonly name: string }} S
 * @param {{ readonly spans: readonly S[] }} captured what captureObservability of @throughline/core/testing gives
 * @param {string} name
 * @param {number} count
 * @returns {Promise<S[]>}
 */
export async function spansNamed(captured, name, count) {
  const named = () => captured.spans.filter((span) => span.name === name);
  await expect.poll(() => named().length).toBe(count);
  return named();
}

/** @param {{ spanContext(): { spanId: string } } | undefined} span */
export const idOf = (span) => span?.spanContext().spanId;

/** @param {{ spanContext(): { traceId: string } } | undefined} span */
export const traceIdOf = (span) => span?.spanContext().traceId;
