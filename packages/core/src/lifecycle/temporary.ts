import { ObservabilityError } from '../errors.js';

/** A setting that can be changed for a while and goes back by itself. */
export interface TemporarySetting<T> {
  set(value: T, options?: { readonly forSeconds?: number }): void;
  /** Cancels a pending return; for shutdown. */
  stop(): void;
}

const maxSeconds = 86_400;

/**
 * @param name stands in the error for a wrong value
 * @param check throws an Error whose message says what the setting takes
 * @param configured the value to go back to
 */
export function temporarySetting<T>(
  name: string,
  check: (value: unknown) => unknown,
  configured: T,
  apply: (value: T) => void,
): TemporarySetting<T> {
  let timer: NodeJS.Timeout | undefined;
  const reject = (what: string, got: unknown): never => {
    throw new ObservabilityError('OBS_OPTION_INVALID', `${what}; it got ${String(got)}.`);
  };
  return {
    set(value, { forSeconds } = {}) {
      try {
        check(value);
      } catch (error) {
        reject(`${name} ${(error as Error).message}`, value);
      }
      if (forSeconds !== undefined && !(forSeconds > 0 && forSeconds <= maxSeconds)) {
        reject(`forSeconds takes a number above 0 and at most ${maxSeconds}`, forSeconds);
      }
      clearTimeout(timer);
      apply(value);
      if (forSeconds !== undefined) {
        timer = setTimeout(() => apply(configured), forSeconds * 1000);
        timer.unref();
      }
    },
    stop: () => clearTimeout(timer),
  };
}
