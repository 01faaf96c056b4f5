import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, test } from 'vitest';
import { kafkaHint, startKafka } from '../../../../scripts/parts/kafka.mjs';
import { createProcesses } from '../../../../scripts/parts/processes.mjs';
import { temporaryFolder } from '../../../../scripts/parts/temporary-folder.mjs';

const processes = createProcesses();
const folder = temporaryFolder();

interface Broker {
  readonly brokers: string[];
  restart?(): Promise<void>;
  stop(): Promise<unknown>;
}

/** A real broker for a test file; where there is none, one line says so, and in CI a test fails. */
export const kafka: Broker | undefined = await startKafka({ processes, folder });
if (!kafka) {
  if (process.env.CI) test('a Kafka broker is there', () => expect(kafka, kafkaHint).toBeDefined());
  else console.log(`Tests with Kafka are off: ${kafkaHint}.`);
}
afterAll(() => processes.stopAll());

export const brokers = kafka?.brokers ?? [];

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

/** Something that happens later, to be waited for. */
export function signal<T = void>() {
  let fire: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const fired = new Promise<T>((resolve, reject) => {
    fire = resolve;
    fail = reject;
  });
  return { fired, fire, fail };
}
