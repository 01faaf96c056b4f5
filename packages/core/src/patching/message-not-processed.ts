import type { MessagingOutcome } from '../plugin/messaging.js';

class MessageNotProcessed extends Error {
  override name = 'MessageNotProcessed';
}

/**
 * The outcome of a message that the service has refused. Made once for each kind of refusal: one for each message would
 * cost a stack.
 *
 * @param errorType `error.type`, such as `nack`
 * @param message what became of the message
 *
 * @example
 * import { messageNotProcessed, type StartedMessagingOperation } from '@throughline/core/plugin';
 *
 * const nacked = messageNotProcessed('nack', 'the message was nacked, and goes back to the queue');
 * export const refused = (operation: StartedMessagingOperation) => operation.end(nacked);
 */
export function messageNotProcessed(errorType: string, message: string): MessagingOutcome {
  const error = new MessageNotProcessed(message);
  delete error.stack;
  return { error, errorType };
}
