import { expect, test } from 'vitest';
import { commandText } from './query-text.js';

const text = (command: object, queryText: 'sanitized' | 'raw' | 'none' = 'sanitized', max = 2_048) => {
  const [name = '', collection] = Object.entries(command)[0] ?? [];
  const options = { queryText, maxQueryTextLength: max };
  return commandText({ ...command }, name, typeof collection === 'string' ? collection : undefined, options);
};

class ObjectId {
  readonly _bsontype = 'ObjectId';
}

test.each([
  [
    { find: 'orders', filter: { a: 'secret', b: { $gt: 1 } } },
    '{find: "orders", filter: {a: ?, b: {$gt: ?}}}',
  ],
  [
    { find: 'orders', filter: { _id: new ObjectId(), at: new Date(), like: /x/ } },
    '{find: "orders", filter: {_id: ?, at: ?, like: ?}}',
  ],
  [{ find: 'orders', filter: { a: { $in: ['x', 'y'] } } }, '{find: "orders", filter: {a: {$in: [?]}}}'],
  [
    { find: 'orders', filter: { $or: [{ a: 1 }, { b: 1 }] } },
    '{find: "orders", filter: {$or: [{a: ?}, {b: ?}]}}',
  ],
  [{ insert: 'orders', documents: [{ a: 1 }, { a: 2 }] }, '{insert: "orders", documents: [{a: ?}]}'],
  [
    { insert: 'orders', documents: { documents: [{ a: 1 }], chunks: [] } },
    '{insert: "orders", documents: [{a: ?}]}',
  ],
  [{ listCollections: 1, lsid: { id: 1 }, $db: 'shop' }, '{listCollections: ?}'],
])('%j is shown by its shape', (command, expected) => {
  expect(text(command)).toBe(expected);
});

test('raw shows values, but no passwords', () => {
  expect(text({ find: 'orders', filter: { a: 'x', b: [1, 2], c: null } }, 'raw')).toBe(
    '{find: "orders", filter: {a: "x", b: [1, 2], c: null}}',
  );
  expect(text({ createUser: 'u', pwd: 'secret' }, 'raw')).not.toContain('secret');
});

test('none leaves the text out, and long texts are cut and not built', () => {
  expect(text({ find: 'orders' }, 'none')).toBeUndefined();
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, 1]));
  expect(text({ find: 'orders', filter: wide }, 'sanitized', 40)).toHaveLength(40);
});

test('a document that contains itself does no harm', () => {
  const filter: Record<string, unknown> = {};
  filter.self = filter;
  expect(text({ find: 'orders', filter })).toContain('self: {self:');
});
