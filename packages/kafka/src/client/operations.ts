import {
  followCall,
  type MessagingOperations,
  type StartedMessagingOperation,
} from '@throughline/core/plugin';

export interface Operations {
  readonly messaging: MessagingOperations;
  readonly relation: 'child' | 'link';
}

/** On globalThis, because a service may load this package as an ES module and as CommonJS. */
const key = Symbol.for('throughline.kafka.operations.1');
const holder = globalThis as { [key]?: Operations | undefined };

/** What the functions for handlers record with: undefined before init and after shutdown. */
export function currentOperations(): Operations | undefined {
  return holder[key];
}

export function useOperations(operations: Operations): () => void {
  holder[key] = operations;
  return () => {
    if (holder[key] === operations) holder[key] = undefined;
  };
}

/** Runs a function in an operation and ends that when the function, or the promise it returns, has. */
export function runIn<T>(operation: StartedMessagingOperation, fn: () => T): T {
  return followCall(
    () => operation.run(fn),
    () => operation.end(),
    (error) => operation.end({ error }),
  );
}

/** Starts an operation. Returns undefined if that fails: the client then continues without being observed. */
export function tryStart<T>(start: () => T): T | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}
