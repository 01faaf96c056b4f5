/**
 * The prototype in an object's chain, itself included, that has all these methods of its own: packages put base
 * classes in and out between versions.
 *
 * @example
 * const prototype = prototypeWith(exports.Client?.prototype, ['query']);
 * if (!prototype) throw new Error("it does not export 'Client' as version 8 does");
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
 * Something that a package exports, in whichever form the exports come: CommonJS, or a namespace with a `default`.
 *
 * @returns undefined where it is not exported
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
 * The prototype of a class that a package exports by this name.
 *
 * @throws Error where it is no class
 */
export function exportedPrototype(moduleExports: unknown, name: string): object {
  const found = exported(moduleExports, name);
  const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null) throw new Error(`it has no class '${name}'`);
  return prototype;
}
