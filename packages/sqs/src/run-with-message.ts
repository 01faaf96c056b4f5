import {
  type MessagingOutcome,
  runInOperation,
  type StartedMessagingOperation,
  tryStart,
} from '@throughline/core/plugin';
import type { SqsMessage } from './internals.js';
import { type Observation, system, textOrNothing } from './observation.js';
import { nameOfQueue } from './queue-names.js';

/** What was received with a message, attributes included that the service has not asked for. */
interface Received {
  readonly queueUrl: unknown;
  readonly headers: Record<string, unknown>;
  readonly timestampMillis: unknown;
}

interface Receiving {
  readonly observation: Observation;
  readonly received: WeakMap<object, Received>;
}

/** On globalThis, because a service may load this package as an ES module and as CommonJS. */
const key = Symbol.for('throughline.sqs.receiving.1');
const holder = globalThis as { [key]?: Receiving | undefined };

export function useObservation(observation: Observation): () => void {
  const receiving: Receiving = { observation, received: new WeakMap() };
  holder[key] = receiving;
  return () => {
    if (holder[key] === receiving) holder[key] = undefined;
  };
}

export function rememberMessage(message: object, received: Received): void {
  holder[key]?.received.set(message, received);
}

/**
 * Runs a handler in the context of a message that ReceiveMessage has returned. The handler continues the producer's trace,
 * and a span `process <queue>` records its duration and its error. A handler of sqs-consumer needs no such call.
 *
 * @param message the object itself that the SDK returned; with another one the handler runs without a span
 * @returns what the handler returns
 *
 * @example
 * import { runWithMessage } from '@throughline/sqs';
 *
 * const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
 * for (const message of Messages) {
 *   await runWithMessage(message, async ({ Body, ReceiptHandle }) => {
 *     await store(Body);
 *     await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
 *   });
 * }
 */
export function runWithMessage<M extends object, T>(message: M, handler: (message: M) => T): T {
  return processing(message, () => handler(message));
}

/** Runs what processes a message that was received. */
export function processing<T>(
  message: object,
  run: () => T,
  outcomeOfError?: (error: unknown) => MessagingOutcome,
): T {
  const operation = tryStart(() => startProcess(message));
  return operation ? runInOperation(operation, run, outcomeOfError) : run();
}

/** Runs what processes messages as a batch. */
export function processingBatch<T>(
  messages: readonly object[],
  run: () => T,
  outcomeOfError: (error: unknown) => MessagingOutcome,
): T {
  const operation = tryStart(() => startBatch(messages));
  return operation ? runInOperation(operation, run, outcomeOfError) : run();
}

function startProcess(message: SqsMessage): StartedMessagingOperation | undefined {
  const receiving = holder[key];
  const received = receiving?.received.get(message);
  if (!receiving || !received) return undefined;
  const { messaging, relation } = receiving.observation;
  const { headers, queueUrl, timestampMillis } = received;
  const destination = nameOfQueue(queueUrl);
  const messageId = textOrNothing(message.MessageId);
  return messaging.startProcess(
    {
      system,
      destination,
      headers,
      messageId,
      timestampMillis: textOrNothing(timestampMillis),
      attributes: typeof queueUrl === 'string' ? { 'aws.sqs.queue.url': queueUrl } : {},
      logFields: { queue: destination, ...(messageId === undefined ? {} : { message_id: messageId }) },
    },
    { relation, counted: true },
  );
}

function startBatch(messages: readonly object[]): StartedMessagingOperation | undefined {
  const receiving = holder[key];
  const [first] = messages;
  const received = first && receiving?.received.get(first);
  if (!receiving || !received) return undefined;
  const { queueUrl, timestampMillis } = received;
  return receiving.observation.messaging.startBatch(
    {
      system,
      destination: nameOfQueue(queueUrl),
      count: messages.length,
      headers: messages.map((message) => receiving.received.get(message)?.headers),
      timestampMillis: textOrNothing(timestampMillis),
      attributes: typeof queueUrl === 'string' ? { 'aws.sqs.queue.url': queueUrl } : {},
    },
    { counted: true },
  );
}
