import { AsyncResource } from 'node:async_hooks';
import { followPromise, type Method, patchOnce } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import { mongodbFailure } from './outcome.js';

interface SelectionOptions {
  /** The command that waits for a server; the driver says it since version 6.3. */
  readonly operationName?: unknown;
}

/**
 * Records the operations that get no server: nothing of them comes to a connection. An operation that gets one is recorded
 * when its command is sent.
 *
 * @returns removes the patch
 */
export function patchTopology(prototype: object, context: DatabaseClientContext): () => void {
  const fail = (error: unknown, options: SelectionOptions | undefined, startMillis: number) => {
    const { operationName } = options ?? {};
    const name = typeof operationName === 'string' ? operationName : undefined;
    const startOptions = { rootSpan: context.rootSpans, startMillis };
    context.databases.start({ system: 'mongodb', name }, startOptions).end(mongodbFailure(error));
  };
  return patchOnce(prototype, 'db', (patch) =>
    patch.replace(
      prototype,
      'selectServer',
      (original: Method) =>
        function selectServer(
          this: unknown,
          selector: unknown,
          options: SelectionOptions | undefined,
          callback: unknown,
        ) {
          if (!patch.active) return original.call(this, selector, options, callback);
          const startMillis = performance.now();
          // Until version 6.3.
          if (typeof callback === 'function') {
            const selected = AsyncResource.bind((error: unknown, ...rest: unknown[]) => {
              if (error) fail(error, options, startMillis);
              return callback(error, ...rest);
            });
            return original.call(this, selector, options, selected);
          }
          return followPromise(
            original.call(this, selector, options, callback) as Promise<unknown>,
            () => {},
            (error) => fail(error, options, startMillis),
          );
        },
    ),
  );
}
