import { type Consumer, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { brokers, uniqueName } from './kafka.js';

const client = () =>
  new Kafka({ brokers, clientId: 'shop', logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });

const open: (Producer | Consumer)[] = [];

/** For afterEach. */
export async function disconnectAll(): Promise<void> {
  for (const one of open.splice(0).reverse()) await one.disconnect();
}

export async function newProducer(): Promise<Producer> {
  const producer = client().producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  open.push(producer);
  return producer;
}

/** A consumer in a new group that reads a topic from its beginning. */
export async function newConsumer(topic: string): Promise<Consumer> {
  const consumer = client().consumer({ groupId: uniqueName('group'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  open.push(consumer);
  await consumer.subscribe({ topic, fromBeginning: true });
  return consumer;
}
