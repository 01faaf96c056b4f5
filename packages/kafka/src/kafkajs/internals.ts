/** The parts of kafkajs 2 that the patches rely on, its inner classes included. */

export interface Message {
  readonly key?: unknown;
  readonly value: unknown;
  readonly partition?: number | undefined;
  readonly headers?: Record<string, unknown> | undefined;
}

export interface ReceivedKafkajsMessage extends Message {
  readonly offset: string;
  readonly timestamp: string;
}

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly Message[];
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

export type Handler<P> = (this: unknown, payload: P) => unknown;

export interface RunConfig {
  readonly eachMessage?: Handler<EachMessagePayload> | null | undefined;
  readonly eachBatch?: Handler<EachBatchPayload> | null | undefined;
}

/** What an event of the end of a batch tells. */
export interface BatchEvent {
  readonly payload: { readonly topic: string; readonly partition: number; readonly offsetLag: string };
}

export interface Kafka {
  producer(config?: unknown): Producer;
  consumer(config?: { readonly groupId?: string }): Consumer;
}

type Send = (record: TopicMessages) => Promise<unknown>;
type SendBatch = (batch: { readonly topicMessages?: readonly TopicMessages[] }) => Promise<unknown>;

export interface Sender {
  send: Send;
  sendBatch: SendBatch;
}

export interface Producer extends Sender {
  transaction(options?: unknown): Promise<Sender>;
}

export interface Consumer {
  readonly events: Readonly<Record<'END_BATCH_PROCESS' | 'REBALANCING' | 'STOP', string>>;
  run(config?: RunConfig): Promise<void>;
  on(eventName: string, listener: (event: BatchEvent) => void): () => void;
}

interface Connected {
  readonly connectionPool?: { readonly clientId?: string; readonly host?: string; readonly port?: number };
}

/** src/consumer/runner.js */
export interface Runner {
  eachMessage: Handler<EachMessagePayload> | null | undefined;
  eachBatch: Handler<EachBatchPayload> | null | undefined;
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
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly Message[] }[];
  }[];
}
