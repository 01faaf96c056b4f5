import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { DatabaseClientContext } from './client-context.js';

export const unobserved: StartedDatabaseOperation = { span: undefined, run: (fn) => fn(), end() {} };

/** Nothing that goes wrong while a query is described reaches the service: then it runs unobserved. */
export function startSafely(
  { logger }: Pick<DatabaseClientContext, 'logger'>,
  start: () => StartedDatabaseOperation,
): StartedDatabaseOperation {
  try {
    return start();
  } catch (error) {
    logger.debug('A query could not be observed.', { error });
    return unobserved;
  }
}
