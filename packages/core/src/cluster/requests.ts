/** Questions on their way, by number: an answer may come, or not in time. */
export function createRequests<A>() {
  const open = new Map<number, (answer: A | undefined) => void>();
  let last = 0;
  return {
    /** Resolves with the answer; with undefined if none came in time, or the other side is gone. */
    ask(timeoutMillis: number, send: (request: number) => void): Promise<A | undefined> {
      const request = ++last;
      return new Promise((resolve) => {
        const timer = setTimeout(() => done(undefined), timeoutMillis);
        timer.unref();
        const done = (answer: A | undefined) => {
          clearTimeout(timer);
          open.delete(request);
          resolve(answer);
        };
        open.set(request, done);
        send(request);
      });
    },
    answered(request: number, answer: A): void {
      open.get(request)?.(answer);
    },
    giveUp(): void {
      for (const done of [...open.values()]) done(undefined);
    },
  };
}
