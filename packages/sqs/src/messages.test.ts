import {
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Consumer, hasServer, newClient, newQueue, signal, urlOf } from '../test/parts/sqs.js';
import { runWithMessage, sqsPlugin } from './index.js';

let client: SQSClient;
let captured: CapturedObservability;
let queue: string;
let QueueUrl: string;

describe.skipIf(!hasServer)('messages', () => {
  beforeEach(async () => {
    client = newClient();
    queue = await newQueue(client);
    QueueUrl = urlOf(queue);
    captured = captureObservability({ plugins: [sqsPlugin()] });
  });
  afterEach(async () => {
    await captured.stop();
    client.destroy();
  });

  const named = (name: string) => captured.waitForSpan((span) => span.name === name);
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, text('x')]));
  async function receive(input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10, ...input }),
    );
    return Messages;
  }
  async function count(metric: string, ...labels: string[]) {
    const line = (await captured.metrics())
      .split('\n')
      .find((each) => each.startsWith(`${metric}{`) && labels.every((label) => each.includes(label)));
    return Number(/\} (\S+)/.exec(line ?? '')?.[1]);
  }

  test('the call of the SDK is below the span of the message, and the command stays as it is', async () => {
    const input = Object.freeze({ QueueUrl, MessageBody: 'a' });
    const command = Object.freeze(new SendMessageCommand(input));
    const { MessageId } = await client.send(command);
    await client.send(command);
    expect(command.input).toBe(input);
    const send = await named(`send ${queue}`);
    expect(send.attributes).toMatchObject({
      'messaging.system': 'aws_sqs',
      'aws.sqs.queue.url': QueueUrl,
      'messaging.message.id': MessageId,
    });
    expect((await named('SQS/SendMessage')).parentSpanContext?.spanId).toBe(send.spanContext().spanId);
  });

  test('the service receives exactly the attributes that it asks for', async () => {
    await client.send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes: { kind: text('b') } }),
    );
    const [first] = await receive({ VisibilityTimeout: 0 });
    expect(Object.keys(first ?? {}).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);
    const [second] = await receive({
      VisibilityTimeout: 0,
      MessageAttributeNames: ['kind'],
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(Object.keys(second?.MessageAttributes ?? {})).toEqual(['kind']);
    expect(Object.keys(second?.Attributes ?? {})).toEqual(['ApproximateReceiveCount']);
    const [third] = await receive({ MessageAttributeNames: ['All'], AttributeNames: ['All'] });
    expect(Object.keys(third?.MessageAttributes ?? {}).sort()).toEqual(['kind', 'traceparent']);
    expect(third?.Attributes?.SentTimestamp).toBeDefined();
    // The context is there in any case.
    for (const message of [first, second, third]) {
      runWithMessage(message as Message, () => {
        expect(trace.getActiveSpan()).toBeDefined();
      });
    }
    const send = await named(`send ${queue}`);
    await captured.waitForSpan(
      () => captured.spans.filter(({ name }) => name === `process ${queue}`).length === 3,
    );
    for (const span of captured.spans.filter(({ name }) => name === `process ${queue}`)) {
      expect(span.parentSpanContext?.spanId).toBe(send.spanContext().spanId);
    }
    expect(await count('messaging_message_age_seconds_count', queue)).toBe(3);
  });

  test('a batch: each message carries the context, and the span of receiving links to it', async () => {
    const Entries = ['a', 'b', 'c'].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
    await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const send = await named(`send ${queue}`);
    expect(send.attributes['messaging.batch.message_count']).toBe(3);
    expect(await count('messaging_client_sent_messages_total', queue)).toBe(3);
    const messages = await withSpan('job', () => receive());
    expect(messages).toHaveLength(3);
    const poll = await named(`poll ${queue}`);
    expect(poll.links.map(({ context }) => context.spanId)).toEqual([send.spanContext().spanId]);
    expect(await count('messaging_client_consumed_messages_total', queue)).toBe(3);
  });

  test('messages of a batch that SQS refuses are counted as failed, the others as sent', async () => {
    const { Failed } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'a' },
          { Id: 'b', MessageBody: 'b', DelaySeconds: 9_999 },
        ],
      }),
    );
    expect(Failed).toHaveLength(1);
    const send = await named(`send ${queue}`);
    const type = send.attributes['error.type'];
    expect(type).toBe(Failed?.[0]?.Code);
    expect(send.status.code).toBe(SpanStatusCode.ERROR);
    const sent = 'messaging_client_sent_messages_total';
    expect(await count(sent, queue, `error_type="${type}"`)).toBe(1);
    expect((await captured.metrics()).split('\n').filter((line) => line.startsWith(`${sent}{`))).toHaveLength(
      2,
    );
  });

  test('a message with ten attributes is sent as it is; that is logged once and counted on the span', async () => {
    for (const MessageAttributes of [attributes(9), attributes(10), attributes(10)]) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes }));
    }
    const messages = await receive({ MessageAttributeNames: ['All'] });
    const carried = messages.map(({ MessageAttributes = {} }) => Object.keys(MessageAttributes));
    expect(carried.map(({ length }) => length)).toEqual([10, 10, 10]);
    expect(carried.filter((names) => names.includes('traceparent'))).toHaveLength(1);
    const sends = captured.spans.filter(({ name }) => name === `send ${queue}`);
    expect(sends.map((span) => span.attributes['throughline.messages_without_context'])).toEqual([
      undefined,
      1,
      1,
    ]);
    expect(captured.logLines.filter(({ message }) => /no room/.test(String(message)))).toHaveLength(1);
  });

  test('with a callback, which runs in the context of the caller', async () => {
    await withSpan('request', async (span) => {
      const active = await new Promise((resolve) => {
        client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }), () =>
          resolve(trace.getActiveSpan()?.spanContext().spanId),
        );
      });
      expect(active).toBe(span.spanContext().spanId);
    });
    await named(`send ${queue}`);
  });

  test('the error of a handler reaches the caller, and is on the span', async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const [message] = await receive();
    const error = new TypeError('no');
    const run = () =>
      runWithMessage(message as Message, () => {
        throw error;
      });
    expect(run).toThrow(error);
    expect((await named(`process ${queue}`)).attributes['error.type']).toBe('TypeError');
    // A message that the plugin does not know.
    expect(runWithMessage({ Body: 'b' }, ({ Body }) => Body)).toBe('b');
  });

  test('hostile attributes reach the SDK as they are', async () => {
    const hostile = {
      get MessageAttributes(): never {
        throw new Error('hostile');
      },
      QueueUrl,
      MessageBody: 'a',
    };
    await expect(client.send(new SendMessageCommand(hostile))).rejects.toThrow('hostile');
    const proto = JSON.parse('{ "__proto__": { "DataType": "String", "StringValue": "b" } }');
    await client
      .send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes: proto }))
      .catch(() => {});
    expect(({} as { StringValue?: string }).StringValue).toBeUndefined();
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'c',
        MessageAttributes: { traceparent: text('not a trace'), empty: text('é') },
      }),
    );
    const messages = await receive({ MessageAttributeNames: ['.*'] });
    const own = messages.find(({ Body }) => Body === 'c');
    expect(own?.MessageAttributes?.traceparent?.StringValue).toBe('not a trace');
    expect(runWithMessage(own as Message, () => 'handled')).toBe('handled');
  });

  test('a batch handler of sqs-consumer has a span with links to the producers', async () => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const handled = signal();
    const consumer = Consumer.create({
      queueUrl: QueueUrl,
      sqs: client,
      waitTimeSeconds: 1,
      handleMessageBatch: async (messages) => {
        handled.fire();
        return messages;
      },
    });
    consumer.start();
    await handled.fired;
    const batch = await named(`process_batch ${queue}`);
    const send = await named(`send ${queue}`);
    expect(batch.links.map(({ context }) => context.spanId)).toEqual([send.spanContext().spanId]);
    const stopped = signal();
    consumer.once('stopped', () => stopped.fire());
    consumer.stop({ abort: true });
    await stopped.fired;
  });
});
