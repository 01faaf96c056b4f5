/** A response whose headers are here and whose body is not over. */
export interface OpenResponse {
  /**
   * Something that changes when the body moves on, for example how many bytes the connection has received; undefined
   * if a body that seemed unread is read after all.
   */
  progress(): unknown;
  /** Called once, when the body is not read. */
  settle(): void;
}

/** A body that is not read for this long is considered unread. */
const quietMillis = 1_000;
const checkMillis = 500;

interface Seen {
  progress: unknown;
  sinceMillis: number;
}

/**
 * Finds responses whose body is not read. A caller that needs only the status ignores the body. Then no event reports the
 * end, until the response is garbage collected or the server gives up.
 */
export function watchUnreadResponses() {
  const open = new Map<OpenResponse, Seen>();
  let timer: NodeJS.Timeout | undefined;

  function check(): void {
    const nowMillis = performance.now();
    for (const [response, seen] of open) {
      const progress = response.progress();
      if (progress === undefined || progress !== seen.progress) {
        seen.progress = progress;
        seen.sinceMillis = nowMillis;
      } else if (nowMillis - seen.sinceMillis >= quietMillis) {
        open.delete(response);
        response.settle();
      }
    }
    if (open.size === 0) stopTimer();
  }

  function stopTimer(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add(response: OpenResponse): void {
      open.set(response, { progress: response.progress(), sinceMillis: performance.now() });
      if (timer) return;
      timer = setInterval(check, checkMillis);
      timer.unref();
    },
    delete: (response: OpenResponse) => open.delete(response),
    /** Settles all that are open, and stops. */
    stop(): void {
      stopTimer();
      for (const response of open.keys()) response.settle();
      open.clear();
    },
  };
}

export type UnreadResponses = ReturnType<typeof watchUnreadResponses>;
