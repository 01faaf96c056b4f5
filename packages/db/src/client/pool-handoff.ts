import type { StartedDatabaseOperation } from '@throughline/core/plugin';

/** An operation that a pool has started, for the query on its connection to take over. */
interface Handed {
  readonly operation: StartedDatabaseOperation;
}

/** Lets the connection's query that `call` leads to take the operation over. */
export function withHandoff<T, H extends Handed>(
  operations: { handed: H | undefined },
  handed: H,
  call: () => T,
): T {
  operations.handed = handed;
  try {
    return call();
  } finally {
    // The client refused the arguments, or was not called.
    if (operations.handed === handed) {
      operations.handed = undefined;
      handed.operation.end();
    }
  }
}
