import type { Attributes, Span } from '@opentelemetry/api';

/** How a plugin records sending, receiving and processing messages, in the same way for all brokers and clients. */
export interface MessagingOperations {
  /** Names of the headers that may carry a context: `traceparent`, `tracestate`, `baggage`, or those of other propagators. */
  readonly headerNames: readonly string[];
  /**
   * Starts sending messages to one destination: a producer span `send <destination>`, whose context goes into the
   * headers of every message. Headers that carry a context already keep it, and the span links to that.
   */
  startSend(sent: SentMessages): StartedMessagingOperation;
  /**
   * Starts asking the broker for messages. `end` takes their `count`. If it is above 0 and there is an active span,
   * this is recorded as a client span `poll <destination>`. If the messages have several destinations, give none
   * here, and count them with {@link MessagingOperations.countConsumed}. With their `headers`, the span links to the
   * producers.
   */
  startReceive(received: ReceivedFrom): StartedMessagingOperation;
  /**
   * Starts processing a batch as a whole: a consumer span `process_batch <destination>` with links to the
   * producers. Messages that are processed while it runs link to it.
   *
   * @param options.counted whether its messages are already counted as consumed. Default: false
   */
  startBatch(
    batch: ReceivedBatch,
    options?: { readonly counted?: boolean | undefined },
  ): StartedMessagingOperation;
  /**
   * Starts processing one message: a consumer span `process <destination>`. Log lines written while it runs carry
   * `topic`, `partition` and `offset`, or the fields in {@link ReceivedMessage.logFields}.
   *
   * @param options.relation to the producer: `child` continues its trace, `link` starts another. Default: `child`
   * @param options.counted whether the message is already counted as consumed. Default: false
   */
  startProcess(
    message: ReceivedMessage,
    options?: { readonly relation?: 'child' | 'link' | undefined; readonly counted?: boolean | undefined },
  ): StartedMessagingOperation;
  /**
   * Runs a function in the context that a message carries, without a span and without metrics: for a part of the
   * processing that runs in another process.
   */
  runInContext<T>(message: Pick<ReceivedMessage, 'headers' | 'logFields'>, fn: () => T): T;
  /** Counts messages that a client delivers before, or without, processing them. */
  countConsumed(from: ReceivedFrom, count: number): void;
  /** Writes the active context into headers, unless they already carry a context. */
  injectHeaders(headers: MessageHeaders): void;
  /** Observes the group of a consumer: lag and rebalances. */
  observeGroup(system: string, consumerGroup: string): ConsumerGroupObservation;
}

/**
 * Headers as the clients have them: an object, a map, or a list of objects. Values may be text, bytes or lists of
 * these; anything else is not read. They are written as text.
 */
export type MessageHeaders = Record<string, unknown> | Map<unknown, unknown> | Record<string, unknown>[];

/** Where messages come from. */
export interface ReceivedFrom {
  /** `messaging.system`: `kafka`, `rabbitmq`… */
  readonly system: string;
  /** `messaging.destination.name`: the topic or queue; it must be low in cardinality. */
  readonly destination?: string | undefined;
  /** `messaging.consumer.group.name`. */
  readonly consumerGroup?: string | undefined;
  /** `messaging.client.id`. */
  readonly clientId?: string | undefined;
  /** Attributes of the span that only this broker has. */
  readonly attributes?: Attributes | undefined;
}

/** Messages that are sent to one destination at once. */
export interface SentMessages {
  /** `messaging.system`: `kafka`, `rabbitmq`… */
  readonly system: string;
  /** `messaging.destination.name`: the topic or queue; it must be low in cardinality. */
  readonly destination: string;
  /** `messaging.client.id`. */
  readonly clientId?: string | undefined;
  /** How many messages. */
  readonly count: number;
  /** The headers of each message, to be written to. */
  readonly headers: readonly MessageHeaders[];
  /** For a single message: the partition that the service chose, if it chose one. */
  readonly partition?: number | undefined;
  /** For a single message; shown if it is text. */
  readonly key?: unknown;
  /** For a single message: it has a key and no value. */
  readonly tombstone?: boolean | undefined;
  /** For a single message: `messaging.message.id`. */
  readonly messageId?: string | undefined;
  /** Attributes of the span that only this broker has. */
  readonly attributes?: Attributes | undefined;
}

/** A batch of messages that a handler gets at once. */
export interface ReceivedBatch extends ReceivedFrom {
  /** `messaging.destination.partition.id`. */
  readonly partition?: number | undefined;
  /** Offset of the first message. */
  readonly offset?: string | number | bigint | undefined;
  /** How many messages. */
  readonly count: number;
  /** The headers of the messages. */
  readonly headers?: readonly (MessageHeaders | undefined)[] | undefined;
  /** The broker's timestamp of the first message, in milliseconds since 1970. */
  readonly timestampMillis?: string | number | bigint | undefined;
}

/** One message that a handler gets. */
export interface ReceivedMessage extends ReceivedFrom {
  /** `messaging.destination.partition.id`. */
  readonly partition?: number | undefined;
  /** `messaging.kafka.offset`, if the broker has offsets. */
  readonly offset?: string | number | bigint | undefined;
  /** Shown if it is text. */
  readonly key?: unknown;
  /** Whether it has a key and no value. */
  readonly tombstone?: boolean | undefined;
  /** The headers, which carry the context of the producer. */
  readonly headers?: MessageHeaders | undefined;
  /** The broker's timestamp, in milliseconds since 1970. */
  readonly timestampMillis?: string | number | bigint | undefined;
  /** `messaging.message.id`. */
  readonly messageId?: string | undefined;
  /** What log lines carry while the message is processed. Default: `topic`, `partition` and `offset` */
  readonly logFields?: Readonly<Record<string, string | number>> | undefined;
}

/** How a messaging operation ended. */
export interface MessagingOutcome {
  /** What the client or the handler threw; leave it out for success. */
  readonly error?: unknown;
  /** `error.type`, if the class of the error is not specific enough. */
  readonly errorType?: string | undefined;
  /** How many messages were received. */
  readonly count?: number | undefined;
  /** With an error, for messages that were sent at once: how many of them failed. Default: all */
  readonly failedCount?: number | undefined;
  /** The headers of the messages that were received. */
  readonly headers?: readonly (MessageHeaders | undefined)[] | undefined;
  /** Attributes of the span that are known only at the end. */
  readonly attributes?: Attributes | undefined;
}

/** A messaging operation that runs. */
export interface StartedMessagingOperation {
  /** Undefined if tracing is suppressed. */
  readonly span: Span | undefined;
  /** Runs a function with the span active. */
  run<T>(fn: () => T): T;
  /** Ends it; only the first call counts. */
  end(outcome?: MessagingOutcome): void;
}

/** What a consumer reports about its group while it runs. */
export interface ConsumerGroupObservation {
  /** How many messages of a partition the group still has to process. */
  lag(destination: string, partition: number, messages: number): void;
  /** The consumer gives up its partitions and joins its group again. */
  rebalanced(): void;
  /** The consumer has stopped. */
  left(): void;
}
