import { type Method, replaceMethod } from './replace-method.js';

/** A patch while it is applied. */
export interface Patch {
  /** False after the patch was removed. A replacement that other code still calls must then only call the original. */
  readonly active: boolean;
  /** Like {@link replaceMethod}; the method is restored when the patch is removed. */
  replace<O extends object, K extends keyof O>(
    owner: O,
    name: K,
    wrap: (original: NonNullable<O[K]>) => O[K],
  ): void;
  replace(owner: object, name: PropertyKey, wrap: (original: Method) => Method): void;
  /** Registers a function that runs when the patch is removed. The last one runs first. */
  onUndo(undo: () => void): void;
}

/** By the name of the patch: some are asked for at each call. */
const marks = new Map<string, symbol>();

function markOf(name: string): symbol {
  let mark = marks.get(name);
  if (mark === undefined) {
    mark = Symbol.for(`throughline.patched.${name}`);
    marks.set(name, mark);
  }
  return mark;
}

/**
 * Applies a patch completely or not at all, and only once: a second plugin, or a second copy of the plugin's package,
 * sees that the patch is applied and does nothing.
 *
 * @param target the prototype or object that is marked as patched
 * @param name name of the patch, for example `nats`; a target can have several patches with different names
 * @param apply replaces the methods. If it throws, everything it did is undone, and the error is thrown again.
 * @returns removes the patch; it does nothing if the target was already patched
 *
 * @example
 * import { patchOnce } from '@throughline/core/plugin';
 *
 * class Client {
 *   async get(key: string): Promise<string | null> {
 *     return key;
 *   }
 * }
 *
 * const undo = patchOnce(Client.prototype, 'acme', (patch) =>
 *   patch.replace(
 *     Client.prototype,
 *     'get',
 *     (get) =>
 *       function observedGet(this: Client, key) {
 *         if (patch.active) console.log('get', key);
 *         return get.call(this, key);
 *       },
 *   ),
 * );
 * undo();
 */
export function patchOnce(target: object, name: string, apply: (patch: Patch) => void): () => void {
  const mark = markOf(name);
  if (Object.hasOwn(target, mark)) return () => {};
  const undos: (() => void)[] = [];
  const patch = {
    active: true,
    replace: (owner: object, method: PropertyKey, wrap: (original: Method) => Method) => {
      undos.push(replaceMethod(owner, method, wrap));
    },
    onUndo: (undo: () => void) => {
      undos.push(undo);
    },
  };
  const undoAll = () => {
    patch.active = false;
    for (const undo of undos.splice(0).reverse()) undo();
  };
  try {
    Object.defineProperty(target, mark, { value: true, configurable: true });
    undos.push(() => Reflect.deleteProperty(target, mark));
    apply(patch as Patch);
  } catch (error) {
    undoAll();
    throw error;
  }
  return undoAll;
}

/**
 * Whether {@link patchOnce} has patched this object. With `inherited`, an object that it inherits from counts too.
 *
 * @example
 * import { isPatched, patchOnce } from '@throughline/core/plugin';
 *
 * class Client {}
 * patchOnce(Client.prototype, 'acme', () => {});
 * isPatched(Client.prototype, 'acme'); // true
 * isPatched(new Client(), 'acme', { inherited: true }); // true
 */
export function isPatched(target: object, name: string, { inherited = false } = {}): boolean {
  return inherited ? markOf(name) in target : Object.hasOwn(target, markOf(name));
}
