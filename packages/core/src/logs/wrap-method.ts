import { replaceMethod } from '../patching/replace-method.js';

/** Marks a function that adds the trace, so that none is put around it twice. */
const correlated = Symbol.for('throughline.logs.correlated');

/**
 * Puts a function around a method of a logger, or of the prototype of many, unless there is one already.
 *
 * @returns takes it off again
 */
export function wrapMethod<O extends object, K extends keyof O>(
  owner: O,
  name: K,
  wrap: (original: O[K]) => O[K],
): () => void {
  const original = owner[name];
  if (typeof original !== 'function' || Object.hasOwn(original, correlated)) return () => {};
  return replaceMethod(owner, name, (method) =>
    Object.defineProperty(wrap(method), correlated, { value: true }),
  );
}
