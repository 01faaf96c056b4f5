import type { Part } from '../model/part.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Flushes when a signal asks the process to end. If the service handles the signal, it decides when the process ends.
 * Otherwise the process ends by the same signal as without Throughline, after the flush. A second signal ends it at
 * once.
 *
 * @param beforeEnd called before the process ends by the signal, because Node emits no event for that
 */
export function flushOnSignals(flush: () => Promise<void>, beforeEnd: () => void): Part {
  const listeners = signals.map((signal) => {
    let isEnding = false;
    const end = () => {
      process.off(signal, listener);
      process.kill(process.pid, signal);
    };
    const listener = () => {
      const isAlone = process.listenerCount(signal) === 1;
      if (isAlone && isEnding) {
        end();
        return;
      }
      isEnding ||= isAlone;
      void flush().then(() => {
        if (!isAlone) return;
        beforeEnd();
        end();
      });
    };
    // Before the others: a handler that was added with `once` is gone from the count after its turn.
    process.prependListener(signal, listener);
    return () => process.off(signal, listener);
  });
  return {
    stop() {
      for (const remove of listeners) remove();
    },
  };
}

/** Flushes when Node has nothing left to do and would exit by itself. */
export function flushBeforeExit(flush: () => Promise<void>): Part {
  // Once: the flush is work itself, after which 'beforeExit' is emitted again.
  const listener = () => void flush();
  process.once('beforeExit', listener);
  return { stop: () => process.off('beforeExit', listener) };
}
