import type { StartedDatabaseOperation } from '@throughline/core/plugin';

/** An operation that a pool has started, for the query on its connection to take over. */
interface Handed {
  readonly operation: StartedDatabaseOperation;
}

/** Lets the connection's query that `call` leads to take the operation over. */
export function handingOver<T, H extends Handed>(
  patch: { handed: H | undefined },
  handed: H,
  call: () => T,
): T {
  patch.handed = handed;
  try {
    return call();
  } finally {
    // The client refused the arguments, or nobody asked it.
    if (patch.handed === handed) {
      patch.handed = undefined;
      handed.operation.end();
    }
  }
}
