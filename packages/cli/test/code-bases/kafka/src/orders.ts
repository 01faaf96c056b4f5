import { Kafka } from 'kafkajs';
import { v4 as uuid } from 'uuid';

const HEADER = 'x-trace-id';
const kafka = new Kafka({ brokers: ['localhost:9092'] });
const producer = kafka.producer();

export async function publish(order: { id: string; correlationId: string }): Promise<void> {
  await producer.send({
    topic: 'orders',
    messages: [
      {
        key: order.id,
        value: JSON.stringify(order),
        headers: {
          type: 'order',
          correlationId: order.correlationId, // finds: header-sent
          [HEADER]: uuid(), // finds: header-sent id-made
        },
      },
    ],
  });
}

export async function consume(logger: { info(line: object): void }): Promise<void> {
  const consumer = kafka.consumer({ groupId: 'orders' });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const traceId = message.headers?.[HEADER]?.toString(); // finds: header-read
      const type = message.headers?.type?.toString();
      logger.info({ traceId, type }); // finds: logged
    },
  });
}
