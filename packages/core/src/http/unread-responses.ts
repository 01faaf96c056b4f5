/**
 * A response whose headers are here and whose body is not over. What is known of it is kept in it, so that nothing has to
 * be made or looked up per response.
 */
export abstract class OpenResponse {
  seenProgress: unknown = undefined;
  seenSinceMillis = 0;
  isOpen = false;
  before: OpenResponse | undefined = undefined;
  after: OpenResponse | undefined = undefined;

  /**
   * Something that changes when the body moves on, for example how many bytes the connection has received; undefined
   * if a body that seemed unread is read after all.
   */
  abstract progress(): unknown;
  /** Called once, when the body is not read. */
  abstract settle(): void;
}

/** A body that is not read for this long is considered unread. */
const quietMillis = 1_000;
const checkMillis = 500;

/**
 * Finds responses whose body is not read. A caller that needs only the status ignores the body. Then no event reports the
 * end, until the response is garbage collected or the server gives up.
 */
export function watchUnreadResponses() {
  /** The newest; they are chained. */
  let newest: OpenResponse | undefined;
  let timer: NodeJS.Timeout | undefined;

  function remove(response: OpenResponse): void {
    if (!response.isOpen) return;
    response.isOpen = false;
    const { before, after } = response;
    if (before) before.after = after;
    if (after) after.before = before;
    else newest = before;
    response.before = undefined;
    response.after = undefined;
  }

  function check(): void {
    const nowMillis = performance.now();
    let response = newest;
    while (response) {
      const { before } = response;
      const progress = response.progress();
      if (progress === undefined || progress !== response.seenProgress) {
        response.seenProgress = progress;
        response.seenSinceMillis = nowMillis;
      } else if (nowMillis - response.seenSinceMillis >= quietMillis) {
        remove(response);
        response.settle();
      }
      response = before;
    }
    if (newest === undefined) stopTimer();
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
      if (!response.isOpen) {
        response.isOpen = true;
        response.before = newest;
        if (newest) newest.after = response;
        newest = response;
      }
      if (timer) return;
      timer = setInterval(check, checkMillis);
      timer.unref();
    },
    delete: remove,
    /** Settles all that are open, and stops. */
    stop(): void {
      stopTimer();
      while (newest) {
        const response = newest;
        remove(response);
        response.settle();
      }
    },
  };
}

export type UnreadResponses = ReturnType<typeof watchUnreadResponses>;
