import { captureObservability } from '@throughline/core/testing';
import { startKafka } from '@throughline/testbed/kafka';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, describe, expect, test } from 'vitest';
import { hasBroker, signal, uniqueName } from '../../test/parts/kafka.js';
import { forEachMessage, kafkaPlugin } from '../index.js';

const messageCount = Number(process.env.KAFKA_TEST_MESSAGES ?? 100_000);
const messagesPerSend = 100;

interface RestartableBroker {
  readonly brokers: string[];
  restart(): Promise<void>;
}

/** Numbered messages through the broker, which restarts half-way; what arrived how often. */
async function produceAndConsume({ brokers, restart }: RestartableBroker): Promise<Map<number, number>> {
  const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 100 };
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry });
  const topic = uniqueName('numbers');
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  await admin.disconnect();

  const arrived = new Map<number, number>();
  const all = signal();
  all.fired.catch(() => {});
  const groupId = uniqueName('group');
  const startConsumer = async () => {
    const started = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry });
    started.on(started.events.CRASH, ({ payload }) => {
      if (payload.restart) return;
      // With one broker, kafkajs gives up if that one is away while it looks for the group's coordinator, with or without us.
      if (/group coordinator/.test(payload.error.message)) {
        consumer = startConsumer();
        consumer.catch(all.fail);
      } else all.fail(payload.error);
    });
    await started.connect();
    await started.subscribe({ topic, fromBeginning: true });
    await started.run({
      partitionsConsumedConcurrently: 3,
      eachBatch: (payload) =>
        forEachMessage(payload, ({ value }) => {
          const number = Number(String(value));
          arrived.set(number, (arrived.get(number) ?? 0) + 1);
          if (arrived.size === messageCount) all.fire();
        }),
    });
    return started;
  };
  let consumer = startConsumer();
  await consumer;

  // kafkajs' idempotent producer may give up after a restart, with or without us: OUT_OF_ORDER_SEQUENCE_NUMBER.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry });
  await producer.connect();
  let restarting: Promise<void> | undefined;
  for (let first = 0; first < messageCount; first += messagesPerSend) {
    if (first >= messageCount / 2) restarting ??= restart();
    const messages = Array.from({ length: messagesPerSend }, (_, index) => ({
      value: String(first + index),
    }));
    await producer.send({ topic, messages });
  }
  await restarting;
  await all.fired;
  await Promise.all([producer.disconnect(), (await consumer).disconnect()]);
  return arrived;
}

describe.skipIf(!hasBroker || process.env.KAFKA_BROKERS)('a broker that restarts', () => {
  const processes = createProcesses();
  afterAll(() => processes.stopAll());

  test('loses no message because of us, nor is any handled that was not sent', {
    timeout: 240_000,
  }, async () => {
    const broker = (await startKafka({ processes, folder: temporaryFolder() })) as RestartableBroker;
    const numbers = Array.from({ length: messageCount }, (_, index) => index);
    const sorted = (arrived: Map<number, number>) => [...arrived.keys()].sort((a, b) => a - b);
    const without = await produceAndConsume(broker);
    const captured = captureObservability({ plugins: [kafkaPlugin()], traces: { samplingRatio: 0 } });
    const observed = await produceAndConsume(broker);
    expect(sorted(without)).toEqual(numbers);
    expect(sorted(observed)).toEqual(numbers);
    const consumed = (await captured.metrics())
      .split('\n')
      .find((line) => line.startsWith('messaging_client_consumed_messages_total{'));
    expect(Number(/\} (\d+)/.exec(consumed ?? '')?.[1])).toBeGreaterThanOrEqual(messageCount);
    await captured.stop();
  });
});
