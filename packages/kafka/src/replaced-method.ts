/** Any method; the patches know the arguments that matter to them. */
// biome-ignore lint/suspicious/noExplicitAny: stands for methods of other packages, whatever their types
export type Method = (this: any, ...args: any[]) => any;

/** Kept on a patched class, so that no second plugin or copy of this package patches it again. */
const patched = Symbol.for('throughline.kafka.patched');

/** What the replaced methods of one patch share: false once it is taken back. */
export interface PatchState {
  active: boolean;
}

/**
 * Replaces methods of a prototype all together or not at all, and once only, however many ask for it.
 *
 * @returns puts the originals back
 */
export function replaceMethods(
  prototype: object,
  replacements: (state: PatchState) => Readonly<Record<string, (original: Method) => Method>>,
): () => void {
  if (Object.hasOwn(prototype, patched)) return () => {};
  const state: PatchState = { active: true };
  const wraps = Object.entries(replacements(state));
  for (const [name] of wraps) {
    if (typeof Object.getOwnPropertyDescriptor(prototype, name)?.value !== 'function') {
      throw new Error(`its '${name}' is not the method that it is known to be`);
    }
  }
  Object.defineProperty(prototype, patched, { value: true, configurable: true });
  const restores = wraps.map(([name, wrap]) => {
    const own = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    const replacement = wrap(own.value);
    Object.defineProperty(prototype, name, { ...own, value: replacement });
    return () => {
      // Somebody may have wrapped ours since; then it stays, inactive, rather than undo theirs.
      if (Reflect.get(prototype, name) === replacement) Object.defineProperty(prototype, name, own);
    };
  });
  return () => {
    state.active = false;
    for (const restore of restores) restore();
    Reflect.deleteProperty(prototype, patched);
  };
}

/** A class of a package's exports, in whichever form they come: CommonJS, or a namespace with a default. */
export function classOf(moduleExports: unknown, name: string): { readonly prototype: object } {
  const exports = moduleExports as Record<string, unknown> & { default?: Record<string, unknown> };
  const found = name === '' ? (exports.default ?? exports) : (exports[name] ?? exports.default?.[name]);
  if (typeof found !== 'function') throw new Error(`it has no class '${name}'`);
  return found as unknown as { prototype: object };
}
