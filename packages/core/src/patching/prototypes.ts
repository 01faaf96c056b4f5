/**
 * The prototype in an object's chain that defines all of these methods itself. The search starts at the object. It is
 * needed because packages add and remove base classes between versions.
 *
 * @example
 * import { prototypeWith } from '@throughline/core/plugin';
 *
 * class Base {
 *   query(text: string) {
 *     return text;
 *   }
 * }
 * class Client extends Base {}
 * prototypeWith(Client.prototype, ['query']); // Base.prototype
 */
export function prototypeWith<P extends object>(
  prototype: P | null | undefined,
  methods: readonly (keyof P)[],
): P | undefined {
  for (let at: P | null = prototype ?? null; at; at = Object.getPrototypeOf(at)) {
    const candidate = at;
    if (methods.every((method) => Object.hasOwn(candidate, method))) return candidate;
  }
  return undefined;
}

/**
 * An export of a package. The exports may be those of CommonJS, or a namespace with a `default`.
 *
 * @returns undefined if there is no such export
 *
 * @example
 * import { exported } from '@throughline/core/plugin';
 *
 * const createClient = exported({ default: { createClient() {} } }, 'createClient');
 */
export function exported(moduleExports: unknown, name: string): unknown {
  for (const candidate of [moduleExports, (moduleExports as { default?: unknown } | undefined)?.default]) {
    if ((typeof candidate !== 'object' && typeof candidate !== 'function') || candidate === null) continue;
    const found: unknown = Reflect.get(candidate, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The prototype of a class that a package exports under this name.
 *
 * @throws Error if the export is not a class
 *
 * @example
 * import { exportedPrototype } from '@throughline/core/plugin';
 *
 * class Client {}
 * exportedPrototype({ Client }, 'Client'); // Client.prototype
 * exportedPrototype({ default: { Client } }, 'Client'); // Client.prototype
 */
export function exportedPrototype(moduleExports: unknown, name: string): object {
  const found = exported(moduleExports, name);
  const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null) throw new Error(`it has no class '${name}'`);
  return prototype;
}
