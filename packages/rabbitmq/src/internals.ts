/** The parts of amqplib 0.10 to 2 that the patches rely on, its inner classes included. */

export interface PublishOptions {
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly messageId?: unknown;
  readonly correlationId?: unknown;
}

export interface DeliveredMessage {
  readonly content: { readonly length: number };
  readonly fields: {
    readonly deliveryTag?: number | undefined;
    readonly exchange?: string | undefined;
    readonly routingKey?: string | undefined;
  };
  readonly properties?:
    | {
        readonly headers?: Record<string, unknown> | null | undefined;
        readonly timestamp?: unknown;
        readonly messageId?: unknown;
        readonly correlationId?: unknown;
      }
    | undefined;
}

export type Consumer = (this: unknown, message: DeliveredMessage | null) => unknown;

export type Confirm = (this: unknown, error: unknown, ...others: unknown[]) => unknown;

/** `Channel` of the API with promises and of the one with callbacks. */
export interface AmqpChannel {
  readonly connection?: { readonly stream?: unknown };
  once(event: 'close', listener: () => void): unknown;
  removeListener(event: 'close', listener: () => void): unknown;
  publish(
    exchange: string,
    routingKey: string,
    content: { readonly length: number },
    options?: PublishOptions,
    ...others: unknown[]
  ): unknown;
  consume(
    queue: string,
    callback: Consumer,
    options?: { readonly noAck?: boolean } | null,
    ...others: unknown[]
  ): unknown;
  get(queue: string, options?: unknown, ...others: unknown[]): unknown;
  ack(message: DeliveredMessage, allUpTo?: boolean): unknown;
  nack(message: DeliveredMessage, allUpTo?: boolean, requeue?: boolean): unknown;
  reject(message: DeliveredMessage, requeue?: boolean): unknown;
  ackAll(): unknown;
  nackAll(requeue?: boolean): unknown;
}

/** `publish` of a `ConfirmChannel`, which calls back when the broker has the message. */
export interface AmqpConfirmChannel extends AmqpChannel {
  publish(
    exchange: string,
    routingKey: string,
    content: { readonly length: number },
    options?: PublishOptions,
    confirm?: Confirm,
  ): unknown;
}

/** The base class of all channels. */
export interface BaseChannel extends AmqpChannel {
  readonly consumers: ReadonlyMap<string, Consumer>;
  dispatchMessage(fields: { readonly consumerTag: string }, message: DeliveredMessage | null): unknown;
}
