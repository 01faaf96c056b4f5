/** A response whose headers are here and whose body is not over. */
export interface OpenResponse {
  /**
   * Something that changes when the body moves on, for example how many bytes the connection has received; undefined
   * if a body that seemed unread is read after all.
   */
  progress(): unknown;
  /** Called once, when the body is not read. */
  settle(): void;
  /** What `progress` returned last, and since when. Kept here, so that nothing has to be made per response. */
  seenProgress: unknown;
  seenSinceMillis: number;
}

/** A body that is not read for this long is considered unread. */
const quietMillis = 1_000;
const checkMillis = 500;

/**
 * Finds responses whose body is not read. A caller that needs only the status ignores the body. Then no event reports the
 * end, until the response is garbage collected or the server gives up.
 */
export function watchUnreadResponses() {
  const open = new Set<OpenResponse>();
  let timer: NodeJS.Timeout | undefined;

  function check(): void {
    const nowMillis = performance.now();
    for (const response of open) {
      const progress = response.progress();
      if (progress === undefined || progress !== response.seenProgress) {
        response.seenProgress = progress;
        response.seenSinceMillis = nowMillis;
      } else if (nowMillis - response.seenSinceMillis >= quietMillis) {
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
    /** @param nowMillis a reading of `performance.now()` */
    add(response: OpenResponse, nowMillis: number): void {
      response.seenProgress = response.progress();
      response.seenSinceMillis = nowMillis;
      open.add(response);
      if (timer) return;
      timer = setInterval(check, checkMillis);
      timer.unref();
    },
    delete: (response: OpenResponse) => open.delete(response),
    /** Settles all that are open, and stops. */
    stop(): void {
      stopTimer();
      for (const response of open) response.settle();
      open.clear();
    },
  };
}

export type UnreadResponses = ReturnType<typeof watchUnreadResponses>;
