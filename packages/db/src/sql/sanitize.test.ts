import { describe, expect, test } from 'vitest';
import { sanitize } from './sanitize.js';
import { type SqlDialect, tokenize } from './tokens.js';

const sanitized = (sql: string, dialect: SqlDialect = 'postgresql', maxLength = 2_048) =>
  sanitize(tokenize(sql, dialect), maxLength);

/** Every literal holds one of these: what PostgreSQL and MySQL take for values, and text that is cut off in one. */
const secret = /s3cret|4242|7e7|deadbeef|10101/i;

const both = [
  "'s3cret'",
  "'it''s s3cret'",
  "'s3cret'''",
  "'--s3cret'",
  "'/* s3cret */'",
  "'; DROP TABLE s3cret; --'",
  "'s3cret\n4242'",
  '\'"s3cret"\'',
  "'`s3cret`'",
  "'$1 s3cret'",
  "'? s3cret'",
  "'ünïcode s3cret 🔑'",
  "N's3cret'",
  "x'deadbeef'",
  "X'DEADBEEF'",
  "b'10101'",
  "B'10101'",
  "DATE '4242-01-01'",
  "INTERVAL '4242 days'",
  '4242',
  '-4242',
  '+4242',
  '4242.4242',
  '.4242',
  '4242.',
  '7e7',
  '7E7',
  '7e7.',
  '4242e-4242',
  '4242E+4242',
  '0xdeadbeef',
  '0XDEADBEEF',
  '0b10101',
  '4242abc',
  "('s3cret', 4242)",
  "IN ('s3cret', 4242, $1, ?)",
  "IN ('s3cret', lower('s3cret'))",
  "IN (('s3cret', 4242), ('s3cret', 4242))",
  "VALUES ('s3cret', 4242), ('s3cret', 4242)",
  "VALUES ('s3cret', now()), ((SELECT 4242), 's3cret')",
  "concat('s3cret', 's3cret')",
  "'s3cret' 's3cret'",
  "/* s3cret */ 's3cret'",
  "-- s3cret 4242\n 's3cret'",
  '/* s3cret',
  "'s3cret",
  "'s3cret''",
  "x'deadbeef",
  "BETWEEN 4242 AND 's3cret'",
  "LIKE '%s3cret%' ESCAPE '4242'",
  "CASE WHEN a = 4242 THEN 's3cret' ELSE 7e7 END",
];
const postgres = [
  '$$s3cret$$',
  '$tag$s3cret$tag$',
  "$tag$s3cret $$ 's3cret' $other$ 4242 $tag$",
  '$ünï$s3cret$ünï$',
  '$$s3cret',
  '$tag$s3cret$$',
  "E'it\\'s s3cret'",
  "e'\\\\' || 's3cret'",
  "E's3cret\\",
  "'\\' || 's3cret'",
  "U&'s3cret'",
  "'s3cret'::text",
  "'{s3cret,4242}'::text[]",
  'ARRAY[4242, 4242]',
  "ARRAY['s3cret', 4242]",
  'arr[4242:4242]',
  '0o4242',
  '4_242_4242',
  '/* a /* s3cret */ s3cret */ 4242',
  '/* /* s3cret */ s3cret',
  '"unfinished s3cret',
  "col->>'s3cret'",
  "jsonb '{\"s3cret\": 4242}' ? 's3cret'",
];
const mysql = [
  '"s3cret"',
  '"it\'s s3cret"',
  '"say ""s3cret"""',
  '"say \\"s3cret\\""',
  "'it\\'s s3cret'",
  "'\\\\' , 's3cret'",
  "'s3cret\\",
  '"s3cret\\',
  "_utf8mb4's3cret'",
  '# s3cret\n4242',
  '-- s3cret\n4242',
  '--4242',
  "/*! 's3cret' */",
  '/*!50000 s3cret 4242 */',
  '`unfinished s3cret',
];
const cases: (readonly [SqlDialect, string])[] = [
  ...[...both, ...postgres].map((value) => ['postgresql', value] as const),
  ...[...both, ...mysql].map((value) => ['mysql', value] as const),
];

/** Without its end a literal takes what follows, and the next quote ends it. */
const isWhole = (dialect: SqlDialect, value: string) =>
  sanitized(`${value}\n, the_end`, dialect).endsWith('the_end');

describe('no value survives', () => {
  test('the list is long', () => expect(cases.length).toBeGreaterThan(120));

  test.each(cases)('%s: %s', (dialect, value) => {
    for (const sql of [value, `SELECT ${value}`, `SELECT a FROM t WHERE b = ${value} AND c=4242`]) {
      expect(sanitized(sql, dialect)).not.toMatch(secret);
    }
    // What follows a whole literal is read as what it is.
    if (!isWhole(dialect, value)) return;
    expect(sanitized(`SELECT a, ${value} FROM t WHERE b = 's3cret'`, dialect)).not.toMatch(secret);
  });

  test.each(cases.filter(([dialect, value]) => isWhole(dialect, value)))(
    'wherever the text ends, %s: %s',
    (dialect, value) => {
      const sql = `SELECT a FROM t WHERE b = ${value} AND c = 's3cret'`;
      for (let end = 0; end <= sql.length; end++) {
        expect(sanitized(sql.slice(0, end), dialect)).not.toMatch(secret);
      }
    },
  );
});

describe('the shape stays', () => {
  test.each([
    ['SELECT  *\n\tFROM "Orders" o', 'SELECT * FROM "Orders" o'],
    ['SELECT a1, b$2 FROM t_3 WHERE id=$1', 'SELECT a1, b$2 FROM t_3 WHERE id=$1'],
    ['SELECT a FROM t WHERE b = :name AND c = ?', 'SELECT a FROM t WHERE b = :name AND c = ?'],
    ['SELECT NULL, TRUE, false', 'SELECT NULL, TRUE, false'],
    ['select a from t where b = 1.5 limit 10', 'select a from t where b = ? limit ?'],
    ["SELECT E'a\\'b', U&'x', B'1' FROM t", 'SELECT ?, ?, ? FROM t'],
    ['SELECT a -- why\n, b /* what */ FROM t', 'SELECT a , b FROM t'],
    ['/* route=/x */ SELECT 1;', 'SELECT ?;'],
    ['SELECT a::int, b->>$1 FROM t', 'SELECT a::int, b->>$1 FROM t'],
    ['SELECT "a""b" FROM "s"."t"', 'SELECT "a""b" FROM "s"."t"'],
    ['', ''],
  ])('%s', (sql, expected) => expect(sanitized(sql)).toBe(expected));

  test('of MySQL', () => {
    expect(sanitized('SELECT `a``b`, @x FROM `s`.`t` WHERE c = "d"', 'mysql')).toBe(
      'SELECT `a``b`, @x FROM `s`.`t` WHERE c = ?',
    );
    expect(sanitized('SELECT 5--1', 'mysql')).toBe('SELECT ?--?');
  });
});

describe('lists and rows are folded', () => {
  test.each([
    ['a IN (1, 2, 3)', 'a IN (?)'],
    ['a IN ($1, $2)', 'a IN (?)'],
    ['a in(:a, :b)', 'a in (?)'],
    ["a NOT IN ('x')", 'a NOT IN (?)'],
    ['a IN (?, NULL, -1)', 'a IN (?)'],
    ['a IN ($1::uuid, $2::uuid)', 'a IN (?)'],
    ['a IN (SELECT b FROM t WHERE c IN (1, 2))', 'a IN (SELECT b FROM t WHERE c IN (?))'],
    ['a IN (b, 1)', 'a IN (b, ?)'],
    ['(a, b) IN ((1, 2), (3, 4)) AND c = 1', '(a, b) IN ((?, ?)) AND c = ?'],
    ['ARRAY[1, 2]', 'ARRAY[?]'],
    ['INSERT INTO t (a, b) VALUES ($1, $2)', 'INSERT INTO t (a, b) VALUES ($1, $2)'],
    [
      'INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) RETURNING id',
      'INSERT INTO t (a, b) VALUES (?, ?) RETURNING id',
    ],
    ["INSERT INTO t VALUES (1,now()),(2,f('x')),(3,(4))", 'INSERT INTO t VALUES (?,now())'],
    ['SELECT * FROM (VALUES (1, 2), (3, 4)) AS v', 'SELECT * FROM (VALUES (?, ?)) AS v'],
  ])('%s', (sql, expected) => expect(sanitized(sql)).toBe(expected));

  test('of MySQL', () => {
    expect(
      sanitized('INSERT INTO t VALUES (1),(2) ON DUPLICATE KEY UPDATE a=VALUES(a), b=VALUES(b)', 'mysql'),
    ).toBe('INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a=VALUES(a), b=VALUES(b)');
    expect(sanitized('VALUES ROW(1,2), ROW(3,4)', 'mysql')).toBe('VALUES ROW(?,?)');
  });

  test('an insert of 1,000 rows is as short as one of two', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, i) => `(${i}, 's3cret')`).join(', ');
    expect(sanitized(`INSERT INTO t VALUES ${rows(1_000)}`)).toBe(
      sanitized(`INSERT INTO t VALUES ${rows(2)}`),
    );
  });
});

test('a long text is cut, with a mark, and never inside a character', () => {
  const long = `SELECT ${'column_name, '.repeat(500)} FROM t`;
  const text = sanitized(long, 'postgresql', 100);
  expect(text).toHaveLength(100);
  expect(text).toMatch(/^SELECT column_name, .*…$/);
  expect(sanitized('SELECT "🔑🔑🔑"', 'postgresql', 10)).toBe('SELECT "…');
  expect(sanitized('SELECT a', 'postgresql', 8)).toBe('SELECT a');
});

test.each([
  ['quotes', "'"],
  ['comments', '/*'],
  ['dollars', '$a$b'],
  ['tags', '$$'],
  ['rows', 'VALUES('],
  ['lists', 'IN ('],
  ['lists of lists', 'IN (('],
  ['arrays', 'ARRAY['],
  ['numbers', '1.'],
  ['parentheses', '('],
  ['digits', '1_'],
])(
  'time is linear: %s',
  (_name, piece) => {
    const sql = piece.repeat(1_000_000 / piece.length);
    for (const dialect of ['postgresql', 'mysql'] as const) expect(sanitized(sql, dialect)).toBeDefined();
  },
  // Linear time is a second, and quadratic time hours.
  120_000,
);
