import { isLinear } from '@throughline/testbed/linear-time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSqlStatements } from './statements.js';

/* Statements come from the service, and what is in them from its callers. */

const runs = (usual: number) => ({ numRuns: Math.round(usual * Number(process.env.FUZZ_FACTOR ?? 1)) });
const secret = 'hunter2Sesame42';
const dialects = ['postgresql', 'mysql'] as const;

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      'SELECT',
      'select',
      'INSERT INTO',
      'UPDATE',
      'DELETE FROM',
      'WITH x AS (',
      'FROM',
      'JOIN',
      'WHERE',
      'VALUES',
      'SET',
      'CALL',
      'CREATE TABLE',
    ],
    ...[
      'orders',
      '"Orders"',
      '`orders`',
      '[orders]',
      'shop.orders',
      'o',
      'id',
      '*',
      '=',
      ',',
      '(',
      ')',
      ';',
      '?',
      '$1',
      ':name',
      '@p1',
    ],
    ...[
      "'it''s'",
      "E'\\'x'",
      '$$text$$',
      '$tag$text$tag$',
      '0x1F',
      '1e10',
      '-1',
      'NULL',
      '-- note\n',
      '/* note */',
      '#note\n',
      '::int',
    ],
    ...["'", '"', '`', '$', '\\', '/*', '--', '*/'],
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const sql = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(' '));

test('every text is described: a short summary, and a text without the values', () => {
  fc.assert(
    fc.property(sql, fc.constantFrom(...dialects), (text, dialect) => {
      const describe = createSqlStatements(dialect, { queryText: 'sanitized', maxQueryTextLength: 500 });
      const { summary, operation, collection, queryText } = describe(text);
      expect((summary ?? '').length).toBeLessThanOrEqual(255);
      expect((queryText ?? '').length).toBeLessThanOrEqual(500);
      for (const name of [operation, collection]) expect(name ?? 'x').not.toBe('');
      expect(describe(text)).toBe(describe(text));
    }),
    runs(2_000),
  );
});

test('a value in a statement shows nowhere, whatever stands around it', () => {
  const dialectAndLiteral = fc.constantFrom(
    ['postgresql', `'${secret}'`],
    ['postgresql', `E'${secret}'`],
    ['postgresql', `$$${secret}$$`],
    ['postgresql', `$q$${secret}$q$`],
    ['postgresql', `U&'${secret}'`],
    ['mysql', `'${secret}'`],
    ['mysql', `"${secret}"`],
    ['mysql', `'a\\'${secret}'`],
  ) as fc.Arbitrary<readonly ['postgresql' | 'mysql', string]>;
  // Text that leaves no quote open, as statements that run do.
  const closed = fc
    .array(
      fc.constantFrom(
        'SELECT',
        'id',
        ',',
        '*',
        'FROM',
        'orders',
        'WHERE',
        '=',
        '(',
        ')',
        '?',
        "'it''s'",
        '1.5',
        '-- note\n',
        '/* note */',
        ';',
        'AND',
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join(' '));
  fc.assert(
    fc.property(closed, dialectAndLiteral, closed, (before, [dialect, literal], after) => {
      const describe = createSqlStatements(dialect, { queryText: 'sanitized', maxQueryTextLength: 2_000 });
      expect(JSON.stringify(describe(`${before} ${literal} ${after}`))).not.toContain(secret);
    }),
    runs(2_000),
  );
});

test('any text takes time in proportion to its length', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...dialects),
      (unit, dialect) => {
        const describe = createSqlStatements(dialect, { queryText: 'sanitized', maxQueryTextLength: 2_000 });
        const work = (length: number) => {
          describe(`${unit.join(' ')} `.repeat(length).slice(0, length));
        };
        expect(isLinear(work, 7_500)).toBe(true);
      },
    ),
    runs(8),
  );
});
