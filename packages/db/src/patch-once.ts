import { replaceMethod as replaceTyped } from './replaced-method.js';

/** Any method; the patches know the arguments that matter to them. */
// biome-ignore lint/suspicious/noExplicitAny: stands for methods of other packages, whatever their types
export type Method = (this: any, ...args: any[]) => any;

/** Puts another method in place of a prototype's own, whose types are not known here. */
export const replaceMethod = (
  prototype: object,
  name: string,
  wrap: (original: Method) => Method,
): (() => void) => replaceTyped(prototype as Record<string, Method>, name, wrap);

/** Kept on a patched prototype, so that no second plugin or copy of this package patches it again. */
const patched = Symbol.for('throughline.db.patched');

export const isPatched = (prototype: object): boolean => Object.hasOwn(prototype, patched);

/** What the replaced methods of one patch share: false once it is taken back. */
export interface PatchState {
  active: boolean;
}

/**
 * Replaces methods of a class all together or not at all, and once only, however many ask for it.
 *
 * @param mark the prototype that remembers it
 * @returns takes all of it back
 */
export function patchOnce(
  mark: object,
  replaceAll: (state: PatchState, restores: (() => void)[]) => void,
): () => void {
  if (isPatched(mark)) return () => {};
  const state: PatchState = { active: true };
  const restores: (() => void)[] = [];
  const undo = () => {
    state.active = false;
    for (const restore of restores.splice(0)) restore();
  };
  try {
    Object.defineProperty(mark, patched, { value: true, configurable: true });
    restores.push(() => Reflect.deleteProperty(mark, patched));
    replaceAll(state, restores);
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}
