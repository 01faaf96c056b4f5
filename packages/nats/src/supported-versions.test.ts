import { checkPlugin, type TestedMessagingClient, testMessagingClient } from '@throughline/core/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { contained, hasServer, load, newStream, uniqueName, url, versions } from '../test/parts/nats.js';
import { natsPlugin, throughlinePlugin } from './index.js';

test('the register entry finds the plugin', () => expect(throughlinePlugin).toBe(natsPlugin));

describe('the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => natsPlugin())) {
    test(promise, () => expect(kept, detail).toBe(true));
  }
});

/** With JetStream, which keeps messages until there is a consumer. */
function subject(version: (typeof versions)[number]): TestedMessagingClient {
  const client = load(version);
  const open = () => client.connect({ servers: url });
  let shared: ReturnType<typeof open> | undefined;
  afterAll(async () => (await shared)?.close());
  const durable = (destination: string) => `${destination}-worker`;
  return {
    system: 'nats',
    plugin: () => natsPlugin(),
    async createDestination() {
      const name = uniqueName('stream');
      shared ??= open();
      await newStream(client, await shared, name);
      return name;
    },
    async connectProducer() {
      const connection = await open();
      const js = client.jetstream(connection);
      return {
        send(destination, { value, headers }) {
          const natsHeaders = client.headers();
          for (const [name, text] of Object.entries(headers)) natsHeaders.set(name, text);
          return js.publish(destination, new TextEncoder().encode(value), { headers: natsHeaders });
        },
        // It is neither text nor bytes: the client throws.
        sendRefused: async () => connection.publish('refused', 1 as never),
        close: () => connection.close(),
      };
    },
    async consume(destination, handler) {
      const connection = await open();
      const consumer = await client.jetstream(connection).consumers.get(destination, durable(destination));
      const messages = await consumer.consume({
        callback: (message) =>
          contained(
            handler({
              value: message.string(),
              headers: Object.fromEntries(
                [...(message.headers ?? [])].map(([name, [text]]) => [name, text ?? '']),
              ),
            }).then(() => message.ack()),
            () => message.term(),
          ),
      });
      return {
        group: durable(destination),
        async close() {
          await messages.close();
          await connection.close();
        },
      };
    },
    sendAttributes: {
      'messaging.message.body.size': 1,
      'server.port': Number(new URL(url || 'nats://x:1').port),
    },
    processAttributes: { 'messaging.message.body.size': 1, 'messaging.nats.stream_sequence': 1 },
    patched() {
      const classes = [
        ['protocol', 'ProtocolHandler', ['publish', 'processMsg']],
        ['protocol', 'SubscriptionImpl', ['callback']],
        ['nats', 'NatsConnectionImpl', ['publish', 'request']],
        ['jsclient', 'JetStreamClientImpl', ['publish']],
        ['jsmsg', 'JsMsgImpl', ['nak', 'term']],
        ['consumer', 'PullConsumerMessagesImpl', ['_push']],
      ] as const;
      return classes.flatMap(([file, name, methods]) =>
        methods.map((method) => client.inner(file, name).prototype[method]),
      );
    },
  };
}

describe.skipIf(!hasServer).each(versions)('%s', (version) => {
  testMessagingClient(test, subject(version));
});
