import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { elasticmqHint } from '@throughline/testbed/elasticmq';
import { expect, inject, test } from 'vitest';

export { signal } from '@throughline/testbed/signal';

/** The server of this test run; where there is none, one line has said so, and in CI a test fails. */
const url = inject('sqsUrl');
export const hasServer = url !== '';
if (!hasServer && process.env.CI) {
  test('a server for SQS is there', () => expect(url, elasticmqHint).not.toBe(''));
}

/** As CommonJS: a process of its own tests the ES module. */
export const { Consumer }: typeof import('sqs-consumer') = createRequire(import.meta.url)('sqs-consumer');

export const newClient = (): SQSClient =>
  new SQSClient({
    region: 'eu-central-1',
    endpoint: url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

export const urlOf = (queue: string): string => `${url}/000000000000/${queue}`;

/** A queue that no other test has. */
export async function newQueue(client: SQSClient): Promise<string> {
  const name = `queue-${randomBytes(4).toString('hex')}`;
  await client.send(new CreateQueueCommand({ QueueName: name }));
  return name;
}
