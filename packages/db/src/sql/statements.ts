import { cut, sanitize } from './sanitize.js';
import { type SqlSummary, summarize } from './summary.js';
import { type SqlDialect, tokenize } from './tokens.js';

/** What spans and metrics say of one text of SQL. */
export interface SqlStatement extends SqlSummary {
  /** `db.query.text` */
  readonly queryText: string | undefined;
}

export interface SqlStatementsOptions {
  readonly queryText: 'sanitized' | 'raw' | 'none';
  readonly maxQueryTextLength: number;
}

const maxEntries = 1_000;
const maxCachedLength = 8_192;
/** More is not read: a bulk insert of megabytes must not cost a pass over all of it. */
const maxReadLength = 65_536;

/**
 * Describes statements. The same text again costs one look into a map, bounded in entries and in their size.
 */
export function createSqlStatements(
  dialect: SqlDialect,
  { queryText, maxQueryTextLength }: SqlStatementsOptions,
): (sql: string) => SqlStatement {
  const known = new Map<string, SqlStatement>();
  const describe = (sql: string): SqlStatement => {
    const isLong = sql.length > maxReadLength;
    const tokens = tokenize(isLong ? sql.slice(0, maxReadLength) : sql, dialect);
    const text =
      queryText === 'sanitized'
        ? sanitize(tokens, maxQueryTextLength)
        : queryText === 'raw'
          ? cut(sql, maxQueryTextLength)
          : undefined;
    const isCut = isLong && text !== undefined && !text.endsWith('…');
    return { ...summarize(tokens), queryText: isCut ? cut(`${text}…`, maxQueryTextLength) : text };
  };
  return (sql) => {
    const seen = known.get(sql);
    if (seen !== undefined) return seen;
    const statement = describe(sql);
    if (sql.length <= maxCachedLength) {
      // The oldest goes: what is in use comes back at once.
      if (known.size >= maxEntries) known.delete(known.keys().next().value as string);
      known.set(sql, statement);
    }
    return statement;
  };
}
