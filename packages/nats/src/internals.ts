/** The parts of nats 2 and of @nats-io/nats-core and @nats-io/jetstream 3 that the patches rely on. */

/** `MsgHdrs`, as far as it is read. */
export interface Headers extends Iterable<readonly [string, unknown]> {
  encode(): Uint8Array;
}

export interface PublishOptions {
  readonly headers?: { encode(): Uint8Array } | undefined;
  readonly reply?: string | undefined;
}

export type Payload = Uint8Array | string | undefined;

/** `Msg` and `JsMsg`. */
export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  /** Throws if the headers cannot be read. */
  readonly headers?: Headers | undefined;
  /** Of a `Msg`: who sends its answer. */
  readonly publisher?: Protocol | undefined;
  /** Of a `JsMsg`: the message inside. */
  readonly msg?: Message | undefined;
}

/** `JsMsg`. */
export interface JetStreamMessage extends Message {
  readonly didAck: boolean;
  readonly info: {
    readonly stream: string;
    readonly consumer: string;
    readonly timestampNanos: number;
    readonly streamSequence: number;
  };
  nak(delayMillis?: number): void;
  term(reason?: string): void;
}

export type SubscriptionCallback = (this: unknown, error: unknown, message: Message) => unknown;

/** `SubscriptionImpl`; its own `callback` is the one of the service, the inherited one serves the iterator. */
export interface Subscription {
  readonly subject: string;
  readonly queue?: string | undefined;
  readonly noIterator: boolean;
  readonly protocol: Protocol;
  callback: SubscriptionCallback;
}

/** `ProtocolHandler`, one for each connection. */
export interface Protocol {
  readonly info?: { readonly headers?: boolean; readonly max_payload?: number } | undefined;
  readonly options?: { readonly inboxPrefix?: string | undefined } | undefined;
  readonly server?: { readonly hostname?: unknown; readonly port?: unknown } | undefined;
  readonly subscriptions: { get(id: number): Subscription | undefined };
  publish(subject: string, payload?: Payload, options?: PublishOptions): void;
  processMsg(message: { readonly sid: number }, data: Uint8Array): void;
}

/** `NatsConnectionImpl`. */
export interface Connection {
  readonly protocol: Protocol;
  publish(subject: string, payload?: Payload, options?: PublishOptions): void;
  request(subject: string, payload?: Payload, options?: PublishOptions): Promise<Message>;
}

/** `JetStreamClientImpl`. */
export interface JetStreamClient {
  publish(subject: string, payload?: Payload, options?: PublishOptions): Promise<unknown>;
}

/** `PullConsumerMessagesImpl` and `PushConsumerMessagesImpl`. */
export interface ConsumerMessages {
  callback?: ((this: unknown, message: JetStreamMessage) => unknown) | null;
  readonly consumer?: {
    /** Undefined in nats 2. */
    readonly ordered?: boolean;
    readonly _info?: {
      readonly config?: {
        readonly durable_name?: string;
        readonly ack_policy?: string;
        readonly mem_storage?: boolean;
      };
    };
  };
  /** With a function, which the iterator calls, or with a message. */
  _push(item: JetStreamMessage | (() => void)): void;
}
