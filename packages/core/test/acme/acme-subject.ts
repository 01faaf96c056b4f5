import type { TestedDatabaseClient } from '../../src/testing.js';
import { AcmeClient } from './acme-db.js';
import { type AcmeOptions, acmePlugin, connectAcme } from './acme-plugin.js';

/** What the suite needs of the client. */
export const acmeSubject = (fault?: AcmeOptions['fault']): TestedDatabaseClient => ({
  plugin: (options) => acmePlugin({ ...options, ...(fault ? { fault } : {}) }),
  async connect() {
    const client = connectAcme();
    return { read: () => client.get('product'), fail: () => client.get('none'), close() {} };
  },
  read: {
    name: 'GET',
    attributes: { 'db.system.name': 'acme', 'db.operation.name': 'GET' },
    queryText: { sanitized: 'GET ?', raw: 'GET product' },
  },
  failure: { errorType: 'E404' },
  patched: () => [AcmeClient.prototype.get],
});
