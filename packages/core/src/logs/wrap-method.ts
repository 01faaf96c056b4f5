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
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const wrapper = wrap(original);
  Object.defineProperty(wrapper, correlated, { value: true });
  Object.defineProperty(owner, name, { value: wrapper, configurable: true, writable: true });
  return () => {
    // Somebody may have wrapped ours since; then it stays, with nothing to add after shutdown.
    if (owner[name] !== wrapper) return;
    if (own) Object.defineProperty(owner, name, own);
    else Reflect.deleteProperty(owner, name);
  };
}
