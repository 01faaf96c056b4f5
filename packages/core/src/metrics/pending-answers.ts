/** Waits for metrics that do not answer at once, with one timer for all of them. */
export interface PendingAnswers<T> {
  /**
   * @param take called with the answer, unless the time is over by then
   * @param fail called once if the answer or `take` fails, or if the time is over
   */
  add(
    metric: object,
    answer: PromiseLike<T> | T,
    take: (answer: T) => void,
    fail: (cause: unknown) => void,
  ): void;
  /** Resolves when all have answered, or when the time is over. */
  end(): Promise<void> | undefined;
}

interface Pending {
  readonly metric: object;
  readonly answer: Promise<unknown>;
  readonly fail: (cause: unknown) => void;
}

/**
 * @param timeoutMillis from the first answer that is waited for
 * @param hangs told of each metric that has not answered by then
 */
export function waitForAnswers<T>(
  timeoutMillis: number,
  hangs: (metric: object, answer: Promise<unknown>) => void,
): PendingAnswers<T> {
  const open = new Set<Pending>();
  let timer: NodeJS.Timeout | undefined;
  let settled: (() => void) | undefined;

  function endIfAllAreSettled(): void {
    if (open.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
    settled?.();
  }

  function giveUp(): void {
    for (const { metric, answer, fail } of open) {
      hangs(metric, answer);
      fail(new Error(`no answer within ${timeoutMillis} ms`));
    }
    open.clear();
    endIfAllAreSettled();
  }

  return {
    add(metric, given, take, fail) {
      const answer = Promise.resolve(given);
      const pending: Pending = { metric, answer, fail };
      open.add(pending);
      timer ??= setTimeout(giveUp, timeoutMillis).unref();
      const failed = (cause: unknown) => {
        if (!open.delete(pending)) return;
        fail(cause);
        endIfAllAreSettled();
      };
      answer
        .then((taken) => {
          if (!open.has(pending)) return;
          take(taken);
          open.delete(pending);
          endIfAllAreSettled();
        })
        .catch(failed);
    },
    end() {
      return open.size === 0
        ? undefined
        : new Promise((resolve) => {
            settled = resolve;
          });
    },
  };
}
