import { exportedPrototype, type MessagingOutcome, patchOnce } from '@throughline/core/plugin';
import type { SqsConsumer } from './internals.js';
import { processing, processingBatch } from './run-with-message.js';

/** `Consumer` of sqs-consumer. Methods of its prototype are replaced, so consumers that run already are observed too. */
export function patchConsumer(moduleExports: unknown): () => void {
  const prototype = exportedPrototype(moduleExports, 'Consumer') as SqsConsumer;
  return patchOnce(prototype, 'sqs', (patch) => {
    patch.replace(
      prototype,
      'executeHandler',
      (original) =>
        function executeHandler(this: SqsConsumer, message) {
          const run = () => original.call(this, message);
          return patch.active ? processing(message, run, outcomeOfError) : run();
        },
    );
    patch.replace(
      prototype,
      'executeBatchHandler',
      (original) =>
        function executeBatchHandler(this: SqsConsumer, messages) {
          const run = () => original.call(this, messages);
          return patch.active ? processingBatch(messages, run, outcomeOfError) : run();
        },
    );
  });
}

/** sqs-consumer wraps what the handler throws in an error of its own. */
function outcomeOfError(error: unknown): MessagingOutcome {
  const cause = error instanceof Error ? error.cause : undefined;
  return { error: cause instanceof Error ? cause : error };
}
