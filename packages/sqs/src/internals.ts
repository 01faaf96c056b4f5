/** The parts of @aws-sdk/client-sqs 3 and of sqs-consumer that the patches rely on. */

export interface SqsClient {
  send(command: SqsCommand, ...others: unknown[]): unknown;
}

export interface SqsCommand {
  readonly input?: unknown;
}

export interface MessageAttribute {
  readonly DataType?: unknown;
  readonly StringValue?: unknown;
  readonly BinaryValue?: unknown;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute | null | undefined>>;

/** The input of SendMessage, and an entry of SendMessageBatch. */
export interface OutgoingMessage {
  readonly MessageBody?: unknown;
  readonly MessageAttributes?: MessageAttributes | null | undefined;
}

export interface SendInput extends OutgoingMessage {
  readonly QueueUrl?: unknown;
}

export interface SendBatchInput {
  readonly QueueUrl?: unknown;
  readonly Entries?: readonly OutgoingMessage[] | undefined;
}

export interface ReceiveInput {
  readonly QueueUrl?: unknown;
  readonly MessageAttributeNames?: readonly unknown[] | undefined;
  /** The older name of `MessageSystemAttributeNames`, which all versions know. */
  readonly AttributeNames?: readonly unknown[] | undefined;
  readonly MessageSystemAttributeNames?: readonly unknown[] | undefined;
}

/** A message that ReceiveMessage returned. */
export interface SqsMessage {
  MessageId?: unknown;
  Body?: unknown;
  MessageAttributes?: Record<string, MessageAttribute> | undefined;
  MD5OfMessageAttributes?: unknown;
  Attributes?: Record<string, unknown> | undefined;
}

/** `Consumer` of sqs-consumer. Both methods call the handler of the service. */
export interface SqsConsumer {
  executeHandler(message: object): unknown;
  executeBatchHandler(messages: readonly object[]): unknown;
}
