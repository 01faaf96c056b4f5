import { describe, expect, test } from 'vitest';
import { summarize } from './summary.js';
import { tokenize } from './tokens.js';

const summaryOf = (sql: string) => summarize(tokenize(sql, 'postgresql'));

describe('operation, tables and summary', () => {
  test.each<[sql: string, summary: string | undefined, operation: string | undefined, table?: string]>([
    ['SELECT * FROM orders WHERE id = $1', 'SELECT orders', 'SELECT', 'orders'],
    ['select 1', 'SELECT', 'SELECT'],
    ['SELECT * FROM orders o JOIN customers c ON c.id = o.id', 'SELECT orders customers', 'SELECT'],
    ['SELECT * FROM a, b AS x, c WHERE a.id IN (1, 2)', 'SELECT a b c', 'SELECT'],
    ['SELECT * FROM a x LEFT JOIN a y ON true', 'SELECT a', 'SELECT', 'a'],
    ['SELECT * FROM (a JOIN b USING (id))', 'SELECT a b', 'SELECT'],
    ['SELECT * FROM public."Order Items"', 'SELECT public."Order Items"', 'SELECT', 'public."Order Items"'],
    ['SELECT * FROM "public"."orders"', 'SELECT public.orders', 'SELECT', 'public.orders'],
    ['SELECT * FROM ONLY orders FOR UPDATE', 'SELECT orders', 'SELECT', 'orders'],
    ['SELECT extract(year FROM created) FROM orders', 'SELECT orders', 'SELECT', 'orders'],
    ['SELECT a IS DISTINCT FROM b FROM orders', 'SELECT orders', 'SELECT', 'orders'],
    ['SELECT * FROM generate_series(1, 10) g, orders', 'SELECT orders', 'SELECT', 'orders'],
    ['SELECT * FROM (SELECT * FROM orders) o', 'SELECT orders', 'SELECT', 'orders'],
    [
      'SELECT DISTINCT "d"."id" FROM (SELECT * FROM "user" "u" LEFT JOIN "file" "f" ON true LEFT JOIN "role" "r" ON true) "d" LIMIT 1',
      'SELECT user file role',
      'SELECT',
    ],
    ['SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)', 'SELECT a SELECT b', 'SELECT'],
    ['SELECT a FROM t WHERE b IN (SELECT c FROM u)', 'SELECT t SELECT u', 'SELECT'],
    ['SELECT a FROM t UNION SELECT a FROM u', 'SELECT t SELECT u', 'SELECT'],
    ['(SELECT a FROM t) UNION (SELECT a FROM u)', 'SELECT t SELECT u', 'SELECT'],
    ['INSERT INTO orders (id) VALUES ($1) RETURNING id', 'INSERT orders', 'INSERT', 'orders'],
    ['INSERT INTO t SELECT * FROM u', 'INSERT t SELECT u', 'INSERT'],
    [
      'INSERT INTO orders(id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1',
      'INSERT orders',
      'INSERT',
      'orders',
    ],
    ['UPDATE orders SET a = 1 WHERE id = 2', 'UPDATE orders', 'UPDATE', 'orders'],
    ['UPDATE orders SET a = c.a FROM customers c', 'UPDATE orders customers', 'UPDATE'],
    ['DELETE FROM orders WHERE id = 2', 'DELETE orders', 'DELETE', 'orders'],
    ['MERGE INTO t USING u ON t.id = u.id', 'MERGE t u', 'MERGE'],
    ['REPLACE INTO t VALUES (1)', 'REPLACE t', 'REPLACE', 't'],
    ['WITH r AS (SELECT * FROM orders) SELECT * FROM r', 'SELECT orders SELECT', 'SELECT', 'orders'],
    [
      'WITH RECURSIVE a AS (SELECT 1), b AS (SELECT * FROM t) INSERT INTO u SELECT * FROM b',
      'SELECT t INSERT u SELECT',
      'INSERT',
    ],
    ['CREATE TABLE IF NOT EXISTS x (id int)', 'CREATE TABLE x', 'CREATE TABLE', 'x'],
    ['CREATE UNIQUE INDEX i ON x (id)', 'CREATE INDEX i', 'CREATE INDEX'],
    ['ALTER TABLE s.x ADD COLUMN y int', 'ALTER TABLE s.x', 'ALTER TABLE', 's.x'],
    ['DROP TABLE x', 'DROP TABLE x', 'DROP TABLE', 'x'],
    ['TRUNCATE orders', 'TRUNCATE orders', 'TRUNCATE', 'orders'],
    ['CALL refresh_totals(1)', 'CALL refresh_totals', 'CALL'],
    ['BEGIN', 'BEGIN', 'BEGIN'],
    ['begin isolation level serializable;', 'BEGIN', 'BEGIN'],
    ['START TRANSACTION', 'START TRANSACTION', 'START TRANSACTION'],
    ['COMMIT;', 'COMMIT', 'COMMIT'],
    ['ROLLBACK TO SAVEPOINT sp_12345', 'ROLLBACK', 'ROLLBACK'],
    ['SAVEPOINT sp_12345', 'SAVEPOINT', 'SAVEPOINT'],
    ['SET search_path TO x', 'SET', 'SET'],
    ['SHOW TABLES FROM db', 'SHOW', 'SHOW'],
    ['EXPLAIN SELECT * FROM orders', 'EXPLAIN SELECT orders', 'EXPLAIN', 'orders'],
    ['COPY orders FROM STDIN', 'COPY orders', 'COPY', 'orders'],
    ['SELECT 1; SELECT 2', 'SELECT SELECT', 'SELECT'],
    ['SELECT a FROM t; DELETE FROM t', 'SELECT t DELETE t', undefined, 't'],
    // Low in cardinality.
    ['SELECT * FROM events_20240131', 'SELECT', 'SELECT'],
    ['SELECT * FROM tmp_0123456789abcdef, t', 'SELECT t', 'SELECT'],
    ["hello 's3cret' FROM x", undefined, undefined],
    ['', undefined, undefined],
    ['/* nothing */', undefined, undefined],
  ])('%s', (sql, summary, operation, collection) => {
    expect(summaryOf(sql)).toEqual({ summary, operation, collection });
  });
});

test('a summary has 255 characters at most, and whole names', () => {
  const tables = Array.from({ length: 100 }, (_, i) => `table_number_${i}`);
  const { summary } = summaryOf(`SELECT * FROM ${tables.join(', ')}`);
  expect(summary?.length).toBeLessThanOrEqual(255);
  expect(tables).toContain(summary?.split(' ').at(-1));
});

test.each(['SELECT (', 'FROM (', ', a', 'WITH ', 'SELECT a FROM t; ', 'JOIN a '])(
  'time is linear: %s',
  (piece) => {
    const tokens = tokenize(`SELECT a FROM b ${piece.repeat(100_000)}`, 'postgresql');
    expect(summarize(tokens)).toBeDefined();
  },
  // Linear time is a second, and quadratic time hours.
  120_000,
);
