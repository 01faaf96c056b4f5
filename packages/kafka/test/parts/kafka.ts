import { randomBytes } from 'node:crypto';
import { kafkaHint } from '@throughline/testbed/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { expect, inject, test } from 'vitest';

export { signal } from '@throughline/testbed/signal';

/** The broker of this test run; where there is none, one line has said so, and in CI a test fails. */
export const brokers = inject('brokers');
export const hasBroker = brokers.length > 0;
if (!hasBroker && process.env.CI) {
  test('a Kafka broker is there', () => expect(brokers, kafkaHint).not.toEqual([]));
}

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** A new topic of one partition. */
export async function newTopic(topic = uniqueName('topic')): Promise<string> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}
