import { setTimeout as delay } from 'node:timers/promises';
import { logger } from '@throughline/core';
import { Kafka, logLevel } from 'kafkajs';

/** Loggers of kafkajs that report errors which the caller receives anyway. */
const toldByCallers = ['Connection', 'BrokerPool', 'Producer'];
const reconnectMillis = 2_000;

/** A client whose log lines go through the logger of the service. */
export function createKafka(brokers: readonly string[], clientId: string): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 2_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => {
      if (toldByCallers.includes(entry.namespace)) return;
      logger.warn(`Kafka: ${entry.log.message}`, { reason: entry.log.error });
    },
  });
}

/** Retries until it works or the service stops, because a service may start before its broker. */
export async function connectWhenThere(connect: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await connect();
      return;
    } catch (error) {
      logger.warn('Kafka could not be reached, trying again.', { error });
      await delay(reconnectMillis, undefined, { signal: stopping }).catch(() => {});
    }
  }
}

/** Creates the topic and waits for its leader, so that neither side starts with an error. */
export async function createTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}
