import { type Method, replaceMethod } from './replace-method.js';

/** What the replaced methods of one patch share. */
export interface Patch {
  /** False once the patch is taken back: for a method that somebody else has wrapped, and still calls. */
  readonly active: boolean;
  /** {@link replaceMethod}, taken back with the patch. */
  replace<O extends object, K extends keyof O>(
    owner: O,
    name: K,
    wrap: (original: NonNullable<O[K]>) => O[K],
  ): void;
  replace(owner: object, name: PropertyKey, wrap: (original: Method) => Method): void;
  /** Called when the patch is taken back; the last one first. */
  onUndo(undo: () => void): void;
}

const markOf = (name: string) => Symbol.for(`throughline.patched.${name}`);

/**
 * Patches a class all together or not at all, and once only: a second plugin, and a second copy of the plugin's
 * package, find it patched and leave it alone.
 *
 * @param target the prototype or object that remembers it
 * @param name of the patch, for example `nats`; patches of different names do not exclude each other
 * @param apply replaces the methods. What it throws is thrown on, after everything it did is taken back.
 * @returns takes all of it back; does nothing where the target was patched already
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
 * Whether {@link patchOnce} has patched this very object, or with `inherited` one that it inherits from.
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
