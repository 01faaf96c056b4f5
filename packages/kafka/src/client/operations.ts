import type { MessagingOperations } from '@throughline/core/plugin';

export { runInOperation as runIn, tryStart } from '@throughline/core/plugin';

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
