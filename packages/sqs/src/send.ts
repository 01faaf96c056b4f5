import type { Attributes } from '@opentelemetry/api';
import type { MessagingOutcome, StartedMessagingOperation } from '@throughline/core/plugin';
import type { OutgoingMessage, SendBatchInput, SendInput } from './internals.js';
import { type Observation, system, textOrNothing } from './observation.js';
import { headersOf, sizeOfMessage, withHeaders } from './outgoing-message.js';
import { nameOfQueue } from './queue-names.js';

/** A command that is observed: what is sent instead of its input, and what its output means. */
export interface ObservedCommand {
  readonly operation: StartedMessagingOperation;
  readonly input: object;
  readonly onOutput: (output: unknown) => MessagingOutcome;
}

export function observeSend(observation: Observation, input: SendInput): ObservedCommand {
  const { operation, messages } = startSend(observation, input.QueueUrl, [input]);
  return {
    operation,
    input: messages[0] ?? input,
    onOutput(output) {
      const messageId = textOrNothing((output as { MessageId?: unknown } | undefined)?.MessageId);
      return messageId === undefined ? {} : { attributes: { 'messaging.message.id': messageId } };
    },
  };
}

class MessagesNotSent extends Error {
  override name = 'MessagesNotSent';
}

export function observeSendBatch(
  observation: Observation,
  input: SendBatchInput,
): ObservedCommand | undefined {
  // The SDK refuses other inputs itself.
  if (!Array.isArray(input.Entries) || input.Entries.length === 0) return undefined;
  const { operation, messages } = startSend(observation, input.QueueUrl, input.Entries);
  return {
    operation,
    input: { ...input, Entries: messages },
    onOutput(output) {
      const failed = (output as { Failed?: readonly { Code?: unknown }[] } | undefined)?.Failed ?? [];
      if (failed.length === 0) return {};
      const error = new MessagesNotSent(`SQS refused ${failed.length} of ${messages.length} messages`);
      return { error, errorType: textOrNothing(failed[0]?.Code), failedCount: failed.length };
    },
  };
}

function startSend<M extends OutgoingMessage>(
  { messaging, warnNoRoom }: Observation,
  queueUrl: unknown,
  messages: readonly M[],
): { readonly operation: StartedMessagingOperation; readonly messages: readonly M[] } {
  const headers = messages.map(({ MessageAttributes }) => headersOf(MessageAttributes));
  const sizes = messages.map(sizeOfMessage);
  let totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const attributes: Attributes = {};
  if (typeof queueUrl === 'string') attributes['aws.sqs.queue.url'] = queueUrl;
  if (messages.length === 1) attributes['messaging.message.envelope.size'] = totalBytes;
  const destination = nameOfQueue(queueUrl);
  const operation = messaging.startSend({ system, destination, count: messages.length, headers, attributes });
  let withoutRoom = 0;
  const sent = messages.map((message, at) => {
    const carrying = withHeaders(message, headers[at] ?? {}, totalBytes);
    if (!carrying) {
      withoutRoom++;
      return message;
    }
    totalBytes += carrying.bytes;
    return carrying.message;
  });
  if (withoutRoom > 0) {
    operation.span?.setAttribute('throughline.messages_without_context', withoutRoom);
    warnNoRoom(destination, withoutRoom);
  }
  return { operation, messages: sent };
}
