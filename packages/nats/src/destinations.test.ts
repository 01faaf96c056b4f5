import { describe, expect, test } from 'vitest';
import { nameOfSubject } from './destinations.js';

describe('names of subjects', () => {
  test.each([
    ['orders.created', 'orders.created'],
    ['orders.4711.created', 'orders.*.created'],
    ['orders.0af76519-16cd-43dd-8448-eb211c80319c', 'orders.*'],
    ['orders.0af7651916cd43dd8448eb211c80319c.paid', 'orders.*.paid'],
    ['orders.Y1TXZ0DNNOZ7UVM3FQPJ4S.paid', 'orders.*.paid'],
    ['orders.01ARZ3NDEKTSV4RRFFQ69G5FAV', 'orders.*'],
    ['4711', '*'],
    ['orders.v2.internationalisation', 'orders.v2.internationalisation'],
    ['_INBOX.Y1TXZ0DNNOZ7UVM3FQPJ4S.abc', '_INBOX'],
    ['_INBOX.a', '_INBOX'],
    ['$KV.sessions.alice', '$KV.sessions.*'],
    ['$O.files.C.abc.def', '$O.files.*'],
  ])('%s is %s', (subject, name) => expect(nameOfSubject(subject)).toBe(name));

  test('inboxes with a prefix that the service chose get the same name', () => {
    expect(nameOfSubject('replies.abc', 'replies')).toBe('_INBOX');
    expect(nameOfSubject('replies.abc')).toBe('replies.abc');
  });
});
