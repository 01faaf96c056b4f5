import { captureObservability } from '@throughline/core/testing';
import { createProcesses } from '@throughline/testbed/processes';
import { startRabbitmq } from '@throughline/testbed/rabbitmq';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { afterAll, describe, expect, test } from 'vitest';
import { hasBroker, load, signal } from '../test/parts/rabbitmq.js';
import { rabbitmqPlugin } from './index.js';

const processes = createProcesses();
afterAll(() => processes.stopAll());

// A broker that the tests were given is not theirs to crash.
describe.skipIf(!hasBroker || process.env.RABBITMQ_URL)('a broker that crashes', () => {
  test('messages in flight end with an error, and are processed again in their trace after that', async () => {
    const broker = await startRabbitmq({ processes, folder: temporaryFolder() });
    const captured = captureObservability({ plugins: [rabbitmqPlugin()] });
    const queue = 'orders';
    const deliveries = [signal<ConsumeMessage>(), signal<ConsumeMessage>()];
    let count = 0;
    let channel: Channel | undefined;
    const connection = await load('amqplib').connect(broker?.url ?? '', {
      recovery: {
        initialDelay: 50,
        maxDelay: 200,
        async setup(made: ChannelModel) {
          channel = await made.createChannel();
          await channel.assertQueue(queue);
          await channel.consume(queue, (message) => message && deliveries[count++]?.fire(message));
        },
      },
    } as never);
    connection.on('error', () => {});
    const producer = await connection.createConfirmChannel();
    producer.on('error', () => {});
    await new Promise((resolve) =>
      producer.sendToQueue(queue, Buffer.from('1'), { persistent: true }, resolve),
    );
    await deliveries[0]?.fired;
    await broker?.restart?.({ crash: true });
    const again = await deliveries[1]?.fired;
    if (again) channel?.ack(again);
    const spansOf = (name: string) => captured.spans.filter((span) => span.name === name);
    await expect.poll(() => spansOf(`process ${queue}`).length).toBe(2);
    expect(spansOf(`process ${queue}`).map(({ attributes }) => attributes['error.type'])).toEqual([
      'channel_closed',
      undefined,
    ]);
    const [send] = spansOf(`send ${queue}`);
    for (const { parentSpanContext } of spansOf(`process ${queue}`)) {
      expect(parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
    }
    await connection.close();
    await captured.stop();
  });
});
