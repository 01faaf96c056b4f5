/**
 * Sets a property under a name that a stranger may have chosen. `target['__proto__'] = value` would change the prototype
 * of the target instead.
 */
export function setOwn(target: object, name: PropertyKey, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    (target as Record<PropertyKey, unknown>)[name] = value;
  }
}
