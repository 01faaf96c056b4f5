import { channel as channelNamed, subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type ConsumerGroupObservation,
  type Patch,
  patchOnce,
  type StartedMessagingOperation,
} from '@throughline/core/plugin';
import type { KafkaClientContext, KafkaClientSetup } from '../client/client-context.js';
import { isTombstone, type KafkaMessage, markCounted } from '../client/messages.js';
import { tryStart } from '../client/operations.js';
import { headersOf, type PlatformaticHeaders } from './headers.js';

interface PlatformaticMessage {
  readonly topic: string;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly partition?: number | undefined;
  readonly headers?: PlatformaticHeaders | undefined;
}

interface PlatformaticClient {
  readonly clientId?: string;
  readonly groupId?: string;
}

/** What the channels of one operation have in common. */
interface OperationContext {
  readonly client: PlatformaticClient;
  readonly operation: string;
  readonly error?: unknown;
}

interface SendContext extends OperationContext {
  readonly options: { messages: readonly PlatformaticMessage[] };
}

interface ReceiveContext extends OperationContext {
  readonly result?: KafkaMessage & { readonly topic: string };
}

interface LagEvent {
  readonly client: PlatformaticClient;
  /** By topic, of each partition; negative for partitions that are not the consumer's. */
  readonly lag: ReadonlyMap<string, readonly bigint[]>;
}

interface PendingSend {
  readonly operations: readonly StartedMessagingOperation[];
  readonly given: readonly PlatformaticMessage[];
  readonly copies: readonly PlatformaticMessage[];
}

const sendsStart = 'tracing:plt:kafka:producer:sends:start';

/**
 * Observes @platformatic/kafka through its diagnostics channels. A send is a span. For consuming, the channels only report
 * that a message is delivered; `runWithMessage` and `forEachMessage` record the processing.
 */
export const setUpPlatformatic: KafkaClientSetup = (context) =>
  // A second plugin, or a copy of this package, must not record the same messages again.
  patchOnce(channelNamed(sendsStart), 'kafka', (patch) => listen(context, patch));

function listen({ messaging }: Pick<KafkaClientContext, 'messaging'>, patch: Patch): void {
  const sends = new WeakMap<object, PendingSend>();
  const originals = new WeakMap<PlatformaticMessage, PlatformaticMessage>();
  const groups = new WeakMap<PlatformaticClient, ConsumerGroupObservation>();
  const joined = new WeakSet<PlatformaticClient>();

  const on = <E>(channel: string, listener: (event: E) => void) => {
    const receive = (event: unknown) => {
      tryStart(() => listener(event as E));
    };
    subscribe(channel, receive);
    patch.onUndo(() => unsubscribe(channel, receive));
  };

  on<SendContext>(sendsStart, (send) => {
    // The options may be used for several sends at once; they are the service's own again when this one is done.
    const given = send.options.messages.map((message) => originals.get(message) ?? message);
    const copies = given.map((message) => {
      const copy = { ...message, headers: headersOf(message.headers, send.client) };
      originals.set(copy, message);
      return copy;
    });
    const topics = new Set(given.map(({ topic }) => topic));
    const operations = [...topics].map((topic) => {
      const messages = copies.filter((message) => message.topic === topic);
      const single = messages.length === 1 ? messages[0] : undefined;
      return messaging.startSend({
        system: 'kafka',
        destination: topic,
        clientId: send.client.clientId,
        count: messages.length,
        headers: messages.map(({ headers }) => headers),
        partition: single?.partition,
        key: single?.key,
        tombstone: single && isTombstone(single.key, single.value),
      });
    });
    sends.set(send, { operations, given: send.options.messages, copies });
    send.options.messages = copies;
  });
  const endSend = (context: SendContext) => {
    const send = sends.get(context);
    if (!send) return;
    if (context.options.messages === send.copies) context.options.messages = send.given;
    const { error } = context;
    const failed = error !== undefined && error !== null;
    const outcome = failed ? { error, errorType: codeOf(error) } : {};
    for (const operation of send.operations) operation.end(outcome);
  };
  on('tracing:plt:kafka:producer:sends:asyncStart', endSend);
  on('tracing:plt:kafka:producer:sends:error', endSend);

  on<ReceiveContext>('tracing:plt:kafka:consumer:receives:asyncStart', ({ client, result }) => {
    if (!result) return;
    markCounted(result);
    messaging.countConsumed(
      {
        system: 'kafka',
        destination: result.topic,
        consumerGroup: client.groupId,
        clientId: client.clientId,
      },
      1,
    );
  });

  const groupOf = (client: PlatformaticClient): ConsumerGroupObservation | undefined => {
    let group = groups.get(client);
    if (!group && client.groupId !== undefined) {
      group = messaging.observeGroup('kafka', client.groupId);
      groups.set(client, group);
    }
    return group;
  };
  on<LagEvent>('plt:kafka:consumer:lag', ({ client, lag }) => {
    for (const [topic, partitions] of lag) {
      for (const [partition, messages] of partitions.entries()) {
        if (messages >= 0n) groupOf(client)?.lag(topic, partition, Number(messages));
      }
    }
  });
  on<OperationContext>('tracing:plt:kafka:consumer:group:asyncStart', ({ client, operation, error }) => {
    if (error !== undefined && error !== null) return;
    if (operation === 'leaveGroup') groupOf(client)?.left();
    if (operation !== 'joinGroup') return;
    if (joined.has(client)) groupOf(client)?.rebalanced();
    joined.add(client);
  });
}

/** A code such as `PLT_KFK_NETWORK`: the classes of the client's errors are less specific. */
function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}
