import { checkPlugin, type TestedMessagingClient, testMessagingClient } from '@throughline/core/testing';
import type { Channel, ConfirmChannel, Message } from 'amqplib';
import { afterAll, describe, expect, test } from 'vitest';
import { hasBroker, load, loadCallbackApi, loadInner, uniqueName, url } from '../test/parts/rabbitmq.js';
import { rabbitmqPlugin, throughlinePlugin } from './index.js';

test('the register entry finds the plugin', () => expect(throughlinePlugin).toBe(rabbitmqPlugin));

describe('the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => rabbitmqPlugin())) {
    test(promise, () => expect(kept, detail).toBe(true));
  }
});

/** What both APIs have in common. */
interface Client {
  channel(): Promise<Pick<Channel, 'publish' | 'sendToQueue' | 'consume' | 'ack' | 'nack'>>;
  confirmChannel(): Promise<Pick<ConfirmChannel, 'sendToQueue'>>;
  assertQueue(name: string): Promise<unknown>;
  close(): unknown;
}

async function withPromises(version: string): Promise<Client> {
  const connection = await load(version).connect(url);
  return {
    channel: () => connection.createChannel(),
    confirmChannel: () => connection.createConfirmChannel(),
    assertQueue: async (name) => (await connection.createChannel()).assertQueue(name),
    close: () => connection.close(),
  };
}

async function withCallbacks(version: string): Promise<Client> {
  type Done<T> = (error: unknown, value: T) => void;
  const called = <T>(call: (done: Done<T>) => void) =>
    new Promise<T>((resolve, reject) => {
      call((error, value) => (error ? reject(error) : resolve(value)));
    });
  const { connect } = loadCallbackApi(version);
  const connection = await called<import('amqplib/callback_api').Connection>((done) => connect(url, done));
  const channel = () =>
    called<import('amqplib/callback_api').Channel>((done) => void connection.createChannel(done));
  return {
    channel: async () => {
      const made = await channel();
      return Object.assign(made, {
        consume: (queue: string, handler: (message: Message | null) => void) =>
          called((done) => made.constructor.prototype.consume.call(made, queue, handler, {}, done)),
      }) as never;
    },
    confirmChannel: () => called((done) => void connection.createConfirmChannel(done as never)),
    assertQueue: async (name) => {
      const made = await channel();
      return called((done) => made.assertQueue(name, {}, done));
    },
    close: () => called((done) => connection.close(done as never)),
  };
}

function subject(open: () => Promise<Client>, model: string, version: string): TestedMessagingClient {
  let shared: Promise<Client> | undefined;
  const setup = () => (shared ??= open());
  afterAll(async () => (await shared)?.close());
  const prototypes = () => {
    const { Channel: channel, ConfirmChannel: confirmChannel } = loadInner(version, model);
    return [channel.prototype, confirmChannel.prototype];
  };
  return {
    system: 'rabbitmq',
    plugin: () => rabbitmqPlugin(),
    async createDestination() {
      const name = uniqueName('queue');
      await (await setup()).assertQueue(name);
      return name;
    },
    async connectProducer() {
      const client = await open();
      const channel = await client.confirmChannel();
      return {
        send: (destination, { value, headers }) =>
          new Promise<void>((resolve, reject) => {
            const options = Object.freeze({ headers });
            channel.sendToQueue(destination, Buffer.from(value), options, (error) =>
              error ? reject(error) : resolve(),
            );
          }),
        // It is not text: amqplib throws.
        sendRefused: async () => channel.sendToQueue('refused', 'no buffer' as never, {}),
        close: () => client.close(),
      };
    },
    async consume(destination, handler) {
      const client = await open();
      const channel = await client.channel();
      await channel.consume(destination, (message) => {
        if (!message) return;
        const handled = handler({
          value: String(message.content),
          headers: message.properties.headers as Record<string, string>,
        }).then(() => channel.ack(message));
        // amqplib has no place for the error of a handler: a rejection that nobody handles would end this process.
        return {
          // biome-ignore lint/suspicious/noThenProperty: a thenable that keeps the rejection to itself
          then: (onFulfilled: () => unknown, onRejected: (error: unknown) => unknown) =>
            handled.then(onFulfilled, async (error) => {
              channel.nack(message, false, false);
              await Promise.resolve()
                .then(() => onRejected(error))
                .catch(() => {});
            }),
        };
      });
      return { close: () => client.close() };
    },
    sendAttributes: {
      'messaging.message.body.size': 1,
      'server.port': Number(new URL(url || 'amqp://x:1').port),
    },
    processAttributes: { 'messaging.rabbitmq.message.delivery_tag': 1, 'messaging.message.body.size': 1 },
    patched: () =>
      prototypes().flatMap(({ publish, consume, get, ack, dispatchMessage }) => [
        publish,
        consume,
        get,
        ack,
        dispatchMessage,
      ]),
  };
}

describe.skipIf(!hasBroker).each(['amqplib', 'amqplib-1', 'amqplib-0.10', 'amqplib-oldest'])(
  '%s',
  (version) => {
    describe('promises', () =>
      testMessagingClient(
        test,
        subject(() => withPromises(version), 'channel_model.js', version),
      ));
    describe('callbacks', () =>
      testMessagingClient(
        test,
        subject(() => withCallbacks(version), 'callback_model.js', version),
      ));
  },
);
