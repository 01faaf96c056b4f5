import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  captureObservability,
  checkPlugin,
  type TestedMessage,
  testMessagingClient,
} from '@throughline/core/testing';
import { describe, expect, test } from 'vitest';
import { loadMadeUpClient } from '../test/parts/made-up.js';
import { Consumer, hasServer, newClient, newQueue, signal, urlOf } from '../test/parts/sqs.js';
import { runWithMessage, sqsPlugin, throughlinePlugin } from './index.js';

test('the register entry finds the plugin', () => expect(throughlinePlugin).toBe(sqsPlugin));

test('a version that is not known is left as it is, with one warning', async () => {
  const { prototype } = loadMadeUpClient('4.0.0');
  const before = Object.getOwnPropertyDescriptors(prototype);
  const captured = captureObservability({ plugins: [sqsPlugin()] });
  try {
    await captured.observability.ready;
    expect(Object.getOwnPropertyDescriptors(prototype)).toEqual(before);
    const warnings = captured.logLines.filter(({ code }) => code === 'OBS_LIBRARY_UNSUPPORTED');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('@aws-sdk/client-sqs 4.0.0'),
    ]);
  } finally {
    await captured.stop();
  }
});

test('a module that is something else stays as it is, and one line says so', async () => {
  const modules = { '@aws-sdk/client-sqs': { open() {} } };
  const captured = captureObservability({ plugins: [sqsPlugin({ modules })] });
  expect(captured.logLines.filter(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')).toHaveLength(1);
  await captured.stop();
});

describe('the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => sqsPlugin())) {
    test(promise, () => expect(kept, detail).toBe(true));
  }
});

const attributesOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
const messageOf = ({ Body = '', MessageAttributes = {} }: Message): TestedMessage => ({
  value: Body,
  headers: Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
  ),
});

type Handler = (message: TestedMessage) => Promise<void>;

/** A loop as a service writes it. */
function consumeWithSdk(queue: string, handler: Handler) {
  const client = newClient();
  const stop = new AbortController();
  const ended = signal();
  const input = { QueueUrl: urlOf(queue), WaitTimeSeconds: 20, MessageAttributeNames: ['All'] };
  const loop = async () => {
    while (!stop.signal.aborted) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand(input), {
        abortSignal: stop.signal,
      });
      for (const message of Messages) {
        await runWithMessage(message, () => handler(messageOf(message))).catch(() => {});
        const { ReceiptHandle } = message;
        await client.send(new DeleteMessageCommand({ QueueUrl: input.QueueUrl, ReceiptHandle }));
      }
    }
  };
  loop()
    .catch(() => {})
    .finally(ended.fire);
  return {
    async close() {
      stop.abort();
      await ended.fired;
      client.destroy();
    },
  };
}

function consumeWithConsumer(queue: string, handler: Handler) {
  const client = newClient();
  const consumer = Consumer.create({
    queueUrl: urlOf(queue),
    sqs: client,
    messageAttributeNames: ['All'],
    waitTimeSeconds: 1,
    pollingWaitTimeMs: 0,
    handleMessage: async (message) => {
      await handler(messageOf(message));
      return message;
    },
  });
  for (const event of ['error', 'processing_error'] as const) consumer.on(event, () => {});
  consumer.start();
  return {
    async close() {
      const stopped = signal();
      consumer.once('stopped', () => stopped.fire());
      consumer.stop({ abort: true });
      await stopped.fired;
      client.destroy();
    },
  };
}

describe.skipIf(!hasServer).each([
  ['the AWS SDK', consumeWithSdk],
  ['sqs-consumer', consumeWithConsumer],
])('%s', (_, consume) =>
  testMessagingClient(test, {
    system: 'aws_sqs',
    plugin: () => sqsPlugin(),
    createDestination: () => newQueue(newClient()),
    async connectProducer() {
      const client = newClient();
      return {
        send: (destination, { value, headers }) =>
          client.send(
            new SendMessageCommand({
              QueueUrl: urlOf(destination),
              MessageBody: value,
              MessageAttributes: attributesOf(headers),
            }),
          ),
        sendRefused: () =>
          client.send(new SendMessageCommand({ QueueUrl: urlOf('missing'), MessageBody: 'a' })),
        close: () => client.destroy(),
      };
    },
    consume: async (destination, handler) => consume(destination, handler),
    callsBelowSend: ['SQS/SendMessage', 'POST'],
    patched: () => [
      SQSClient.prototype.send,
      (Consumer.prototype as unknown as { executeHandler: unknown }).executeHandler,
    ],
  }),
);
