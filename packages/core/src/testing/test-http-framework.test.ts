import { describe, expect, test } from 'vitest';
import { AcmeApp } from '../../test/acme/acme-web.js';
import { faults } from '../../test/acme/acme-web-plugin.js';
import { acmeWebSubject } from '../../test/acme/acme-web-subject.js';
import { getObservability } from '../index.js';
import { testHttpFramework } from './test-http-framework.js';

describe('a plugin that keeps the promises passes', () => testHttpFramework(test, acmeWebSubject()));

describe('a plugin that breaks a promise fails the test of it', () => {
  const { run, handle } = AcmeApp.prototype;

  test.each(Object.entries(faults))('%s: %s', async (fault, expected) => {
    const tests = new Map<string, () => Promise<void>>();
    testHttpFramework((name, body) => tests.set(name, body), acmeWebSubject(fault as keyof typeof faults));
    const outcome = tests
      .get(expected)?.()
      .then(
        () => 'passed',
        () => 'failed',
      );
    expect(await outcome).toBe('failed');
    await getObservability().shutdown();
    // The faulty plugin may not have cleaned up.
    for (const mark of Object.getOwnPropertySymbols(AcmeApp.prototype)) {
      Reflect.deleteProperty(AcmeApp.prototype, mark);
    }
    Object.assign(AcmeApp.prototype, { run, handle });
  });
});
