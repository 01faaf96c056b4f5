import {
  type MessagingOutcome,
  messageNotProcessed,
  type StartedMessagingOperation,
} from '@throughline/core/plugin';
import type { AmqpChannel } from './internals.js';

/** A channel may hold more messages than this; those beyond end with their handler. */
const maxOpenDeliveries = 1_000;

export const nacked = {
  requeued: messageNotProcessed('nack', 'the message was nacked, and goes back to the queue'),
  dropped: messageNotProcessed('nack', 'the message was nacked without requeue'),
};
export const rejected = {
  requeued: messageNotProcessed('reject', 'the message was rejected, and goes back to the queue'),
  dropped: messageNotProcessed('reject', 'the message was rejected without requeue'),
};
const channelClosed = messageNotProcessed(
  'channel_closed',
  'the channel closed before the message was acknowledged',
);

/** A message that is being processed: until its handler has ended, and the broker has been told. */
export class Delivery {
  private isHandled = false;
  private isSettled = false;
  private outcome: MessagingOutcome = {};

  constructor(
    readonly operation: StartedMessagingOperation,
    private readonly onEnd: () => void,
  ) {}

  handled(): void {
    this.isHandled = true;
    if (this.isSettled) this.end(this.outcome);
  }

  settled(outcome: MessagingOutcome): void {
    this.outcome = outcome;
    this.isSettled = true;
    if (this.isHandled) this.end(outcome);
  }

  end(outcome: MessagingOutcome): void {
    this.onEnd();
    this.operation.end(outcome);
  }
}

interface OpenOfChannel {
  /** In the order of their delivery tags. */
  readonly deliveries: Map<number, Delivery>;
  readonly onClose: () => void;
}

/** The messages of all channels that the broker waits for an answer about. */
export class OpenDeliveries {
  private readonly byChannel = new Map<AmqpChannel, OpenOfChannel>();

  /** Undefined if the channel has too many already. */
  open(
    channel: AmqpChannel,
    deliveryTag: number,
    operation: StartedMessagingOperation,
  ): Delivery | undefined {
    const { deliveries } = this.byChannel.get(channel) ?? this.watch(channel);
    if (deliveries.size >= maxOpenDeliveries) return undefined;
    const delivery = new Delivery(operation, () => deliveries.delete(deliveryTag));
    deliveries.set(deliveryTag, delivery);
    return delivery;
  }

  /** The service has told the broker about a message, and with `allUpTo` about those before it. */
  settle(channel: AmqpChannel, deliveryTag: number, allUpTo: boolean, outcome: MessagingOutcome): void {
    const deliveries = this.byChannel.get(channel)?.deliveries;
    if (!deliveries) return;
    if (!allUpTo) {
      deliveries.get(deliveryTag)?.settled(outcome);
      return;
    }
    for (const [tag, delivery] of [...deliveries]) {
      if (tag > deliveryTag) return;
      delivery.settled(outcome);
    }
  }

  /** For messages that are still open when the plugin is switched off. */
  endAll(): void {
    for (const [channel, { onClose }] of [...this.byChannel]) {
      channel.removeListener('close', onClose);
      this.endOf(channel, {});
    }
  }

  private watch(channel: AmqpChannel): OpenOfChannel {
    const ofChannel = {
      deliveries: new Map<number, Delivery>(),
      onClose: () => this.endOf(channel, channelClosed),
    };
    this.byChannel.set(channel, ofChannel);
    channel.once('close', ofChannel.onClose);
    return ofChannel;
  }

  private endOf(channel: AmqpChannel, outcome: MessagingOutcome): void {
    const deliveries = this.byChannel.get(channel)?.deliveries;
    this.byChannel.delete(channel);
    for (const delivery of [...(deliveries?.values() ?? [])]) delivery.end(outcome);
  }
}
