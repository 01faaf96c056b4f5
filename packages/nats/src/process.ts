import {
  followCall,
  type MessagingOutcome,
  messageNotProcessed,
  type StartedMessagingOperation,
  tryStart,
} from '@throughline/core/plugin';
import type { JetStreamMessage, Message, Protocol } from './internals.js';
import { firstValue, receivedHeaders, sentMillisOf } from './message-headers.js';
import { attributesOf, destinationOf, type Observation, system } from './observation.js';

/** Where a message was delivered from. */
export interface Source {
  readonly subscription?: string | undefined;
  readonly queue?: string | undefined;
  readonly consumer?: string | undefined;
}

const naked = messageNotProcessed('nak', 'the message was not acknowledged, and is delivered again');
const terminated = messageNotProcessed('term', 'the message was terminated, and is not delivered again');

/** What the service has told JetStream about a message, if that is not an acknowledgement. */
const refusals = new WeakMap<object, MessagingOutcome>();

/** `nak` and `term` of a message of JetStream; only the first answer counts. */
export function observeAnswers({ isActive }: Observation) {
  const remember = (message: JetStreamMessage, outcome: MessagingOutcome) => {
    if (isActive() && !message.didAck) refusals.set(message, outcome);
  };
  return {
    nak: (original: JetStreamMessage['nak']): JetStreamMessage['nak'] =>
      function nak(this: JetStreamMessage, ...args) {
        tryStart(() => remember(this, naked));
        return original.apply(this, args);
      },
    term: (original: JetStreamMessage['term']): JetStreamMessage['term'] =>
      function term(this: JetStreamMessage, ...args) {
        tryStart(() => remember(this, terminated));
        return original.apply(this, args);
      },
  };
}

/** Runs the handler of a message in its span, which ends with the handler. */
export function runProcess<T>(
  observation: Observation,
  message: Message,
  source: Source,
  handler: () => T,
  counted = false,
): T {
  const operation = tryStart(() => startProcess(observation, message, source, counted));
  if (!operation) return handler();
  return followCall(
    () => operation.run(handler),
    () => operation.end(refusals.get(message) ?? {}),
    (error) => operation.end({ error }),
  );
}

function startProcess(
  observation: Observation,
  message: Message,
  { subscription, queue, consumer }: Source,
  counted: boolean,
): StartedMessagingOperation {
  const { subject } = message;
  const protocol: Protocol | undefined = message.publisher ?? message.msg?.publisher;
  const info = tryStart(() => (message as JetStreamMessage).info);
  const destination = { subject, subscription, queue, consumer, stream: info?.stream };
  const headers = receivedHeaders(message);
  const attributes = attributesOf(protocol, destination, message.data);
  const logFields: Record<string, string | number> = { subject };
  if (queue !== undefined) logFields.queue = queue;
  if (info) {
    attributes['messaging.nats.stream'] = logFields.stream = info.stream;
    attributes['messaging.nats.stream_sequence'] = logFields.stream_sequence = info.streamSequence;
  }
  return observation.messaging.startProcess(
    {
      system,
      destination: destinationOf(observation, destination, protocol),
      consumerGroup: queue ?? consumer,
      headers,
      messageId: firstValue(headers, 'nats-msg-id'),
      timestampMillis: info ? info.timestampNanos / 1e6 : sentMillisOf(headers),
      attributes,
      logFields,
    },
    { relation: observation.relation, counted },
  );
}
