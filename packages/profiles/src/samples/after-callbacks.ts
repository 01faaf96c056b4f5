import { AsyncLocalStorage, createHook, executionAsyncResource, type HookCallbacks } from 'node:async_hooks';
import { promiseHooks } from 'node:v8';

/**
 * Calls a function after each callback and each continuation of a promise, while their context is still active.
 *
 * @returns ends that
 */
export function afterCallbacks(after: () => void): () => void {
  if (!usesFrames()) {
    // AsyncLocalStorage needs the hooks of promises anyway. One more costs little.
    const hook = createHook({ after }).enable();
    return () => hook.disable();
  }
  // Without ids for promises, which only these hooks would need. Older releases do not know the option.
  const hook = createHook({ after, trackPromises: false } as HookCallbacks).enable();
  const stop = promiseHooks.onAfter(after);
  return () => {
    hook.disable();
    stop();
  };
}

/**
 * Whether AsyncLocalStorage keeps its values in frames that V8 hands on, as from Node 24 on. Otherwise they are on the
 * resource of the running code.
 */
function usesFrames(): boolean {
  const mark = {};
  return new AsyncLocalStorage<object>().run(mark, () => {
    const resource = executionAsyncResource() as Record<symbol, unknown>;
    return !Object.getOwnPropertySymbols(resource).some((symbol) => resource[symbol] === mark);
  });
}
