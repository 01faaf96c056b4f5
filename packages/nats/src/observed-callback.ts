// biome-ignore lint/suspicious/noExplicitAny: callbacks of several shapes
type Callback = (this: unknown, ...args: any[]) => unknown;

/** On a callback that was put in place of the one of the service: that one. */
const inner = Symbol.for('throughline.nats.callback');

/**
 * Puts an observed callback in place of the service's own, once for each owner. Clients keep the callback on an object
 * and read it for each message, so what existed before init is observed too.
 *
 * @param seen the owners that have been looked at
 */
export function observeCallbackOnce<C extends Callback>(
  owner: { callback?: C | null },
  seen: WeakSet<object>,
  observe: (callback: C) => C,
): void {
  if (seen.has(owner)) return;
  seen.add(owner);
  const { callback } = owner;
  if (typeof callback !== 'function') return;
  // One of an earlier start of the plugin observes nothing any more.
  const own = (callback as C & { [inner]?: C })[inner] ?? callback;
  owner.callback = Object.defineProperty(observe(own), inner, { value: own });
}
