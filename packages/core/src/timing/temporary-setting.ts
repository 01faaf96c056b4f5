import { ObservabilityError } from '../model/errors.js';
import { shownValue } from '../model/foreign-error.js';
import { checkMembers } from '../model/object-check.js';

/** The current value, and the time at which it is reset, if there is one. */
export interface SettingState<T> {
  readonly value: T;
  readonly until: Date | undefined;
}

/** A setting that can be changed for a while and goes back by itself. */
export interface TemporarySetting<T> {
  set(value: T, options?: { readonly forSeconds?: number; readonly onReturn?: () => void }): void;
  /** Goes back at once. */
  reset(): void;
  state(): SettingState<T>;
  /** Cancels a pending return; for shutdown. */
  stop(): void;
}

const maxSeconds = 86_400;

/**
 * The second argument of a call that changes a setting. Null is the same as none.
 *
 * @throws ObservabilityError `OBS_OPTION_INVALID`
 */
export function checkChangeOptions<T extends object>(
  given: T | null | undefined,
  known: readonly (keyof T & string)[],
): T {
  if (given === undefined || given === null) return {} as T;
  return checkMembers(
    given,
    'The second argument',
    known,
    (detail) => new ObservabilityError('OBS_OPTION_INVALID', `${detail}.`),
  ) as T;
}

/**
 * @param name appears in the error for a wrong value
 * @param check throws an Error whose message says which values the setting accepts
 * @param configured the value to go back to
 */
export function temporarySetting<T>(
  name: string,
  check: (value: unknown) => unknown,
  configured: T,
  apply: (value: T) => void,
): TemporarySetting<T> {
  let timer: NodeJS.Timeout | undefined;
  let state: SettingState<T> = { value: configured, until: undefined };
  const reject = (what: string, got: unknown): never => {
    throw new ObservabilityError('OBS_OPTION_INVALID', `${what}; it got ${shownValue(got)}.`);
  };
  const change = (value: T, until: Date | undefined) => {
    clearTimeout(timer);
    state = { value, until };
    apply(value);
  };
  return {
    set(value, { forSeconds, onReturn } = {}) {
      try {
        check(value);
      } catch (error) {
        reject(`${name} ${(error as Error).message}`, value);
      }
      if (forSeconds === undefined) {
        change(value, undefined);
        return;
      }
      if (typeof forSeconds !== 'number' || !(forSeconds > 0 && forSeconds <= maxSeconds)) {
        reject(`forSeconds takes a number above 0 and at most ${maxSeconds}`, forSeconds);
      }
      change(value, new Date(Date.now() + forSeconds * 1000));
      timer = setTimeout(() => {
        change(configured, undefined);
        onReturn?.();
      }, forSeconds * 1000);
      timer.unref();
    },
    reset: () => change(configured, undefined),
    state: () => state,
    stop: () => clearTimeout(timer),
  };
}
