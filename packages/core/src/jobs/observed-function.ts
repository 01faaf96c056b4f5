import { copyMetadata } from '../patching/decorator-metadata.js';

type AnyFunction = (...args: never[]) => unknown;

/**
 * A function that stands for another one. It has the same name and the same number of parameters, from which schedulers tell
 * whether the function takes a callback.
 *
 * @param around calls `call` with the arguments, and returns what it returns
 */
export function observedFunction<F extends AnyFunction>(
  fn: F,
  around: (call: (args: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown,
): F {
  const observed = function (this: unknown, ...args: unknown[]) {
    return around((given) => Reflect.apply(fn, this, given as never[]), args);
  };
  Object.defineProperties(observed, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
  copyMetadata(fn, observed);
  return observed as unknown as F;
}
