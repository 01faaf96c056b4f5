/** The parts of kafkajs 2 that the patches rely on, its inner classes included. */

export interface KafkajsMessage {
  readonly key?: unknown;
  readonly value: unknown;
  readonly partition?: number | undefined;
  readonly headers?: Record<string, unknown> | undefined;
}

export interface ReceivedKafkajsMessage extends KafkajsMessage {
  readonly offset: string;
  readonly timestamp: string;
}

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly KafkajsMessage[];
}

export interface EachMessagePayload {
  readonly topic: string;
  readonly partition: number;
  readonly message: ReceivedKafkajsMessage;
}

export interface EachBatchPayload {
  readonly batch: {
    readonly topic: string;
    readonly partition: number;
    readonly messages: readonly ReceivedKafkajsMessage[];
  };
}

export type PayloadHandler<P> = (this: unknown, payload: P) => unknown;

export interface RunConfig {
  readonly eachMessage?: PayloadHandler<EachMessagePayload> | null | undefined;
  readonly eachBatch?: PayloadHandler<EachBatchPayload> | null | undefined;
}

/** What an event of the end of a batch tells. */
export interface BatchEvent {
  readonly payload: { readonly topic: string; readonly partition: number; readonly offsetLag: string };
}

export interface KafkajsClient {
  producer(config?: unknown): Producer;
  consumer(config?: { readonly groupId?: string }): KafkajsConsumer;
}

type SendRecord = (record: TopicMessages) => Promise<unknown>;
type SendBatch = (batch: { readonly topicMessages?: readonly TopicMessages[] }) => Promise<unknown>;

export interface Sender {
  send: SendRecord;
  sendBatch: SendBatch;
}

export interface Producer extends Sender {
  transaction(options?: unknown): Promise<Sender>;
}

export interface KafkajsConsumer {
  readonly events: Readonly<Record<'END_BATCH_PROCESS' | 'REBALANCING' | 'STOP', string>>;
  run(config?: RunConfig): Promise<void>;
  on(eventName: string, listener: (event: BatchEvent) => void): () => void;
}

interface Connected {
  readonly connectionPool?: { readonly clientId?: string; readonly host?: string; readonly port?: number };
}

/** src/consumer/runner.js */
export interface Runner {
  eachMessage: PayloadHandler<EachMessagePayload> | null | undefined;
  eachBatch: PayloadHandler<EachBatchPayload> | null | undefined;
  readonly consumerGroup: { readonly groupId: string; readonly coordinator: Connected | null };
  readonly instrumentationEmitter: {
    addListener(eventName: string, listener: (event: BatchEvent) => void): () => void;
  };
}

/** src/broker/index.js */
export interface Broker extends Connected {
  produce(request: ProduceRequest): Promise<unknown>;
}

export interface ProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly messages: readonly KafkajsMessage[];
    }[];
  }[];
}
