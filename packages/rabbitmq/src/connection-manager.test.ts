import { createRequire } from 'node:module';
import { withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import type * as connectionManager from 'amqp-connection-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, closeLater, hasBroker, signal, uniqueName, url } from '../test/parts/rabbitmq.js';
import { rabbitmqPlugin } from './index.js';

let captured: CapturedObservability;
afterEach(async () => {
  await closeAll();
  await captured?.stop();
});

const loads = {
  CommonJS: async (): Promise<typeof connectionManager> =>
    createRequire(import.meta.url)('amqp-connection-manager'),
  'an ES module': (): Promise<typeof connectionManager> => import('amqp-connection-manager'),
};

describe.skipIf(!hasBroker)('amqp-connection-manager', () => {
  test.each(Object.entries(loads))(
    'as %s: each message that waits for the connection stays in the trace that sent it',
    async (kind, loadIt) => {
      const { connect, ...module } = await loadIt();
      // Vitest keeps ES modules to itself: they are handed over, as in a bundle.
      const modules = kind === 'CommonJS' ? {} : { modules: { 'amqp-connection-manager': module } };
      captured = captureObservability({ plugins: [rabbitmqPlugin(modules)] });
      const queue = uniqueName('queue');
      const connection = connect([url]);
      closeLater(() => connection.close());
      const channel = connection.createChannel({
        json: true,
        setup: (made: { assertQueue(name: string, options: object): Promise<unknown> }) =>
          made.assertQueue(queue, { exclusive: true }),
      });
      // There is no connection yet.
      const publish = (name: string) =>
        withSpan(name, async (span) => {
          await (name === 'first'
            ? channel.sendToQueue(queue, { name }, { messageId: name })
            : channel.publish('', queue, { name }));
          return span.spanContext();
        });
      const parents = await Promise.all([publish('first'), publish('second')]);
      const done = signal();
      let count = 0;
      await channel.consume(queue, (message) => {
        channel.ack(message);
        if (++count === 2) done.fire();
      });
      await done.fired;
      for (const name of [`send ${queue}`, `process ${queue}`]) {
        await expect.poll(() => captured.spans.filter((span) => span.name === name).length).toBe(2);
      }
      const sends = captured.spans.filter(({ name }) => name === `send ${queue}`);
      expect(new Set(sends.map(({ parentSpanContext }) => parentSpanContext?.spanId))).toEqual(
        new Set(parents.map(({ spanId }) => spanId)),
      );
      const processed = captured.spans.filter(({ name }) => name === `process ${queue}`);
      expect(new Set(processed.map(({ parentSpanContext }) => parentSpanContext?.spanId))).toEqual(
        new Set(sends.map((span) => span.spanContext().spanId)),
      );
    },
  );
});
