import { describe, expect, test } from 'vitest';
import { AcmeConsumer, AcmeProducer } from '../../test/acme/acme-mq.js';
import { faults } from '../../test/acme/acme-mq-plugin.js';
import { acmeMqSubject } from '../../test/acme/acme-mq-subject.js';
import { testMessagingClient } from './test-messaging-client.js';

describe('a plugin that keeps the promises passes', () => testMessagingClient(test, acmeMqSubject()));

describe('a plugin that breaks a promise fails the test of it', () => {
  const { send } = AcmeProducer.prototype;
  const { deliver } = AcmeConsumer.prototype;

  test.each(Object.entries(faults))('%s: %s', async (fault, expected) => {
    const run = new Map<string, () => Promise<void>>();
    testMessagingClient((name, body) => run.set(name, body), acmeMqSubject(fault as keyof typeof faults));
    const outcome = run
      .get(expected)?.()
      .then(
        () => 'passed',
        () => 'failed',
      );
    expect(await outcome).toBe('failed');
    // The faulty plugin may not have cleaned up.
    for (const mark of Object.getOwnPropertySymbols(AcmeProducer.prototype)) {
      Reflect.deleteProperty(AcmeProducer.prototype, mark);
    }
    AcmeProducer.prototype.send = send;
    AcmeConsumer.prototype.deliver = deliver;
  });
});
