import type { SqlToken } from './tokens.js';

export interface SqlSummary {
  /** `db.query.summary`: operations and their tables in the order of the text, such as `SELECT orders customers`. */
  readonly summary: string | undefined;
  /** `db.operation.name`; undefined if a text has several statements with different operations. */
  readonly operation: string | undefined;
  /** `db.collection.name`, if it is about exactly one table. */
  readonly collection: string | undefined;
}

/** The semantic conventions' limit of `db.query.summary`. */
const maxSummaryLength = 255;
const maxNameLength = 128;

const words = (text: string) => new Set(text.split(' '));
/** Operations that read or change a table, anywhere in a statement. */
const tableOperations = words('SELECT INSERT UPDATE DELETE REPLACE MERGE');
/** First words that name what to define next: `CREATE TABLE orders`. */
const definitions = words('CREATE ALTER DROP TRUNCATE');
const definitionNoise = words(
  'OR REPLACE TEMP TEMPORARY UNLOGGED GLOBAL LOCAL UNIQUE MATERIALIZED EXTERNAL CONCURRENTLY FOREIGN RECURSIVE ONLINE OFFLINE FULLTEXT SPATIAL',
);
const definitionTargets = words(
  'TABLE INDEX VIEW SCHEMA DATABASE SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE EXTENSION ROLE USER DOMAIN POLICY EVENT SERVER PUBLICATION SUBSCRIPTION RULE AGGREGATE CAST COLLATION OPERATOR STATISTICS TABLESPACE',
);
/** Operations whose next name is not a table, and low in cardinality. */
const procedures = words('CALL EXEC');
const plainOperations = words(
  'BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE ABORT END SET RESET SHOW USE EXPLAIN ANALYZE VACUUM LISTEN UNLISTEN NOTIFY PREPARE EXECUTE DEALLOCATE DECLARE FETCH MOVE CLOSE DISCARD GRANT REVOKE COPY LOCK UNLOCK VALUES TABLE DO CHECKPOINT REINDEX CLUSTER COMMENT REFRESH KILL FLUSH DESCRIBE DESC OPTIMIZE CHECK REPAIR HANDLER LOAD XA',
);
/** Operations that contain another statement. */
const wrappers = words('EXPLAIN DESCRIBE DESC PREPARE DECLARE COPY');
/** They end the list of tables after `FROM`. */
const endsOfFrom = words(
  'WHERE GROUP ORDER HAVING LIMIT OFFSET FETCH FOR UNION INTERSECT EXCEPT SET RETURNING WINDOW VALUES SELECT',
);

/**
 * Low in cardinality: unknown statements have no summary, and a name with a number of many digits, as partitions
 * and temporary tables have them, is left out.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-a-summary-of-the-query
 */
export function summarize(tokens: readonly SqlToken[]): SqlSummary {
  const reader = new SummaryReader(tokens);
  reader.read();
  const { parts, operations, tables } = reader;
  const [operation] = operations;
  const [table] = tables;
  return {
    summary: parts.length > 0 ? joined(parts) : undefined,
    operation: operations.size === 1 ? operation : undefined,
    collection: tables.size === 1 && !reader.hasUnnamedTable ? table : undefined,
  };
}

/** Whole parts only: half a name would be another name. */
function joined(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) {
    if (text.length + part.length + 1 > maxSummaryLength) break;
    text = text === '' ? part : `${text} ${part}`;
  }
  return text;
}

/** One parenthesis, or the statement itself. */
interface Level {
  hasOperation: boolean;
  inFrom: boolean;
}

class SummaryReader {
  readonly parts: string[] = [];
  /** The main operation of each statement. */
  readonly operations = new Set<string>();
  readonly tables = new Set<string>();
  hasUnnamedTable = false;

  private levels: Level[] = [];
  private commonTables = new Set<string>();
  private isWith = false;
  /** The rest of the statement has no operations and tables. */
  private isDone = false;
  private isNamed = false;
  private operation: string | undefined;
  private at = 0;
  /** Parts of the statements before this one. */
  private partsBefore = 0;
  /** Names since the last operation: a table joined with itself counts once. */
  private named = new Set<string>();

  constructor(private readonly tokens: readonly SqlToken[]) {}

  read(): void {
    this.startStatement();
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at] as SqlToken;
      if (token.kind === 'symbol') this.readSymbol(token.text);
      else if (token.kind === 'word' && !this.isDone) this.readWord(token.text.toUpperCase());
      else this.at++;
    }
  }

  private get level(): Level {
    return this.levels.at(-1) as Level;
  }

  private startStatement(): void {
    this.levels = [{ hasOperation: false, inFrom: false }];
    this.commonTables = new Set();
    this.isWith = false;
    this.isDone = false;
    this.isNamed = false;
    this.operation = undefined;
    this.partsBefore = this.parts.length;
  }

  private readSymbol(symbol: string): void {
    this.at++;
    if (symbol === ';') this.startStatement();
    else if (this.isDone) return;
    else if (symbol === '(') this.levels.push({ hasOperation: false, inFrom: false });
    else if (symbol === ')' && this.levels.length > 1) this.levels.pop();
    else if (symbol === ',') {
      if (this.level.inFrom) this.readTable({ mayBeFunction: true });
      else if (this.isWith && this.levels.length === 1 && !this.level.hasOperation) this.readCommonTable();
    }
  }

  private readWord(word: string): void {
    const { level } = this;
    this.at++;
    if (!level.hasOperation && this.readOperation(word)) return;
    if (endsOfFrom.has(word)) level.inFrom = false;
    switch (word) {
      case 'SELECT':
        // After UNION, or as the source of an INSERT.
        this.addOperation(word);
        break;
      case 'FROM':
        // Not EXTRACT(year FROM …), and not IS DISTINCT FROM.
        if (level.hasOperation && this.wordAt(this.at - 2) !== 'DISTINCT') {
          level.inFrom = true;
          this.readTable({ mayBeFunction: true });
        }
        break;
      case 'JOIN':
      case 'STRAIGHT_JOIN':
        if (level.hasOperation) this.readTable({ mayBeFunction: true });
        break;
      case 'USING':
        // DELETE FROM a USING b; not JOIN b USING (id).
        if (level.hasOperation && this.tokens[this.at]?.text !== '(') this.readTable({ mayBeFunction: true });
        break;
      case 'INTO':
        // Not SELECT … INTO a variable.
        if (this.operation !== 'SELECT') this.readTable({ mayBeFunction: false });
        break;
    }
  }

  /** The first word of a statement or of a parenthesis. */
  private readOperation(word: string): boolean {
    const { level } = this;
    const isStatement = this.levels.length === 1;
    if (word === 'WITH' && !this.isWith) {
      this.isWith = true;
      if (this.wordAt(this.at) === 'RECURSIVE') this.at++;
      this.readCommonTable();
      return true;
    }
    if (tableOperations.has(word)) {
      // The function REPLACE(…), and ON DELETE or FOR UPDATE in a parenthesis, are none.
      if (!isStatement && word !== 'SELECT' && !this.followsOpening()) return false;
      level.hasOperation = true;
      this.addOperation(word);
      if (word === 'UPDATE') {
        this.skipWords(/^(?:LOW_PRIORITY|IGNORE)$/);
        level.inFrom = true;
        this.readTable({ mayBeFunction: false });
      } else if (word !== 'SELECT' && word !== 'DELETE') {
        this.skipWords(/^(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)$/);
        const next = this.tokens[this.at];
        // MySQL does without INTO.
        if (this.wordAt(this.at) !== 'INTO' && next && next.kind !== 'symbol') {
          this.readTable({ mayBeFunction: false });
        }
      }
      return true;
    }
    // A WITH is followed by its main operation.
    if (!isStatement || (this.isWith && !plainOperations.has(word))) return false;
    level.hasOperation = true;
    // `(SELECT …) UNION …`
    if (this.isNamed) return false;
    this.isDone = !definitions.has(word) && !wrappers.has(word);
    if (definitions.has(word)) this.readDefinition(word);
    else if (word === 'START' && this.wordAt(this.at) === 'TRANSACTION') {
      this.addOperation('START TRANSACTION');
    } else if (procedures.has(word)) {
      this.addOperation(word);
      const name = this.readName();
      if (name !== undefined) this.parts.push(name);
    } else if (plainOperations.has(word)) {
      this.addOperation(word);
      if (word === 'COPY' && this.tokens[this.at]?.text !== '(') {
        this.readTable({ mayBeFunction: false });
        this.isDone = true;
      }
    }
    return true;
  }

  private readDefinition(word: string): void {
    while (definitionNoise.has(this.wordAt(this.at) ?? '')) this.at++;
    const target = this.wordAt(this.at);
    const isTable = target === 'TABLE' || word === 'TRUNCATE';
    if (target !== undefined && definitionTargets.has(target)) {
      this.at++;
      this.addOperation(`${word} ${target}`);
    } else this.addOperation(word);
    this.skipWords(/^(?:IF|NOT|EXISTS|ONLY|CONCURRENTLY)$/);
    if (isTable) this.readTable({ mayBeFunction: false });
    else {
      const name = target !== undefined && definitionTargets.has(target) ? this.readName() : undefined;
      if (name !== undefined) this.parts.push(name);
    }
  }

  private readCommonTable(): void {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' && token?.kind !== 'quoted') return;
    this.commonTables.add(unquoted(token).toLowerCase());
    this.at++;
  }

  private readTable({ mayBeFunction }: { readonly mayBeFunction: boolean }): void {
    this.skipWords(/^(?:ONLY|LATERAL)$/);
    const start = this.at;
    const next = this.wordAt(start + 1);
    if (this.tokens[start]?.text === '(') {
      // A subquery is read as it comes; `(a JOIN b …)` are tables.
      if (next === undefined || next === 'SELECT' || next === 'WITH' || next === 'VALUES') return;
      this.at++;
      this.levels.push({ hasOperation: true, inFrom: true });
      this.readTable({ mayBeFunction });
      return;
    }
    const word = this.wordAt(start);
    if (word === 'SELECT' || word === 'SET' || word === 'VALUES') return;
    const name = this.readName();
    if (name === undefined) {
      if (this.at > start) this.hasUnnamedTable = true;
      return;
    }
    if (mayBeFunction && this.tokens[this.at]?.text === '(') return;
    if (this.commonTables.has(name.toLowerCase())) return;
    this.tables.add(name);
    if (this.named.has(name)) return;
    this.named.add(name);
    this.parts.push(name);
  }

  /** `schema.name`, without quotes if it needs none; undefined if it is high in cardinality. */
  private readName(): string | undefined {
    let name = '';
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'word' && token?.kind !== 'quoted') break;
      name += unquoted(token);
      this.at++;
      if (this.tokens[this.at]?.text !== '.') break;
      name += '.';
      this.at++;
    }
    return name === '' || name.length > maxNameLength || /\d{5}|[\da-f]{16}/i.test(name) ? undefined : name;
  }

  private addOperation(operation: string): void {
    // `SELECT … FROM (SELECT … FROM orders)` is one SELECT to a reader.
    const isRepeated = this.parts.length > this.partsBefore && this.parts.at(-1) === operation;
    if (!isRepeated) this.parts.push(operation);
    this.operation = operation;
    this.named = new Set();
    // Of `INSERT … SELECT` and of a `UNION`, the first counts. What is inside a WITH does not count.
    if (this.isNamed || (this.isWith && this.levels.length > 1)) return;
    this.isNamed = true;
    this.operations.add(operation);
  }

  private followsOpening(): boolean {
    return this.tokens[this.at - 2]?.text === '(' && this.tokens[this.at]?.text !== '(';
  }

  private skipWords(pattern: RegExp): void {
    while (pattern.test(this.wordAt(this.at) ?? '')) this.at++;
  }

  private wordAt(index: number): string | undefined {
    const token = this.tokens[index];
    return token?.kind === 'word' ? token.text.toUpperCase() : undefined;
  }
}

function unquoted({ kind, text }: SqlToken): string {
  if (kind !== 'quoted') return text;
  const inner = text.slice(1, -1);
  return /^[\p{L}_][\p{L}\p{N}_$-]*$/u.test(inner) ? inner : text;
}
