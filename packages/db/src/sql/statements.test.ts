import { expect, test } from 'vitest';
import { createSqlStatements } from './statements.js';

const options = { queryText: 'sanitized', maxQueryTextLength: 100 } as const;

test('the same text is described once', () => {
  const statementOf = createSqlStatements('postgresql', options);
  const statement = statementOf('SELECT 1 FROM orders');
  expect(statement).toEqual({
    queryText: 'SELECT ? FROM orders',
    summary: 'SELECT orders',
    operation: 'SELECT',
    collection: 'orders',
  });
  expect(statementOf('SELECT 1 FROM orders')).toBe(statement);
});

test('what is kept is bounded', () => {
  const statementOf = createSqlStatements('postgresql', options);
  const first = statementOf('SELECT 0');
  const long = `SELECT '${'x'.repeat(10_000)}'`;
  expect(statementOf(long)).not.toBe(statementOf(long));
  for (let i = 1; i < 1_000; i++) statementOf(`SELECT ${i}`);
  expect(statementOf('SELECT 0')).toBe(first);
  statementOf('SELECT 1000');
  expect(statementOf('SELECT 0')).not.toBe(first);
});

test('the text raw, or not at all', () => {
  const raw = createSqlStatements('postgresql', { ...options, queryText: 'raw' });
  expect(raw("SELECT  'a' -- b").queryText).toBe("SELECT  'a' -- b");
  expect(raw(`SELECT '${'x'.repeat(200)}'`).queryText).toHaveLength(100);
  const none = createSqlStatements('postgresql', { ...options, queryText: 'none' });
  expect(none("SELECT 'a' FROM t")).toMatchObject({ queryText: undefined, summary: 'SELECT t' });
});

test('of megabytes only the start is read', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `(${i}, 's3cret')`).join(', ');
  const statementOf = createSqlStatements('postgresql', options);
  const { queryText, summary } = statementOf(`INSERT INTO t VALUES ${rows} RETURNING id`);
  expect({ queryText, summary }).toEqual({ queryText: 'INSERT INTO t VALUES (?, ?)…', summary: 'INSERT t' });
});
