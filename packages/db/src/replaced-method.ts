/**
 * Puts a method of a prototype's own in place of another.
 *
 * @returns puts the other back
 */
export function replaceMethod<P extends object, K extends keyof P>(
  prototype: P,
  name: K,
  wrap: (original: NonNullable<P[K]>) => P[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  if (typeof own?.value !== 'function') {
    throw new Error(`its '${String(name)}' is not the method that it is known to be`);
  }
  const replacement = wrap(own.value);
  Object.defineProperty(prototype, name, { ...own, value: replacement });
  return () => {
    // Somebody may have wrapped ours since; then it stays, inactive, rather than undo theirs.
    if (prototype[name] === replacement) Object.defineProperty(prototype, name, own);
  };
}
