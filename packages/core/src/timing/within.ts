/**
 * Waits for work that must never hold up the service: resolves when all of it settled or the time is over,
 * whichever is first, and never rejects.
 *
 * @returns whether everything settled in time
 */
export async function within(
  timeoutMillis: number,
  work: readonly (Promise<unknown> | undefined)[],
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMillis);
  });
  try {
    return await Promise.race([Promise.allSettled(work).then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
