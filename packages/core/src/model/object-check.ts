import { nearestName } from './nearest-name.js';

/**
 * An object that has no members but the known ones.
 *
 * @param path how the object is called in the message
 * @param invalid makes the error out of what is wrong
 */
export function checkMembers<K extends string>(
  value: unknown,
  path: string,
  known: readonly K[],
  invalid: (detail: string) => Error,
): { readonly [N in K]?: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${path} takes an object`);
  }
  for (const name of Object.keys(value)) {
    if (known.includes(name as K)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `it takes ${known.join(', ')}` : `did you mean '${nearest}'?`;
    throw invalid(`${path} has no member '${name}'; ${hint}`);
  }
  return value;
}

/** The object, unchangeable down to its last member. */
export function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFrozen(member);
  }
  return Object.freeze(value);
}
