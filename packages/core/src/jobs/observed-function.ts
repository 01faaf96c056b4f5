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

interface MetadataReflection {
  getOwnMetadataKeys?(target: object): readonly unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** NestJS's decorators leave their data on the function (reflect-metadata): `@Cron()` below ours would be lost. */
export function copyMetadata(from: object, to: object): void {
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as MetadataReflection;
  if (!getOwnMetadataKeys || !getOwnMetadata || !defineMetadata) return;
  for (const key of getOwnMetadataKeys(from)) defineMetadata(key, getOwnMetadata(key, from), to);
}
