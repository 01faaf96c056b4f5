/** Words that are as good as a class name: no spaces, no values, short. */
const className = /^[A-Za-z_$][\w$.]{0,63}$/;

/**
 * `error.type` of a thrown value: the name of its class, or `_OTHER`. Never a message, which could make a
 * series per request. https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const { name } = error as { name?: unknown };
  // 'Error' and 'error' (pg's DatabaseError) say less than the class does.
  if (typeof name === 'string' && name.toLowerCase() !== 'error' && className.test(name)) return name;
  const constructorName = error.constructor?.name;
  if (constructorName && className.test(constructorName)) return constructorName;
  return error instanceof Error ? 'Error' : '_OTHER';
}
