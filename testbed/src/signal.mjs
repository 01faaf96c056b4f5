/**
 * Something that happens later, to be waited for.
 *
 * @template [T=void]
 * @returns {{ fired: Promise<T>, fire: (value: T) => void, fail: (error: unknown) => void }}
 */
export function signal() {
  /** @type {(value: T) => void} */
  let fire = () => {};
  /** @type {(error: unknown) => void} */
  let fail = () => {};
  const fired = new Promise((resolve, reject) => {
    fire = resolve;
    fail = reject;
  });
  return { fired, fire, fail };
}
