import type { QueryTextOptions } from '../client/query-text-options.js';
import { documentsOf, type MongodbCommand } from './internals.js';

/** Sent along with every command; they say nothing of what is asked. */
const envelope = new Set([
  ...[
    'lsid',
    'txnNumber',
    'autocommit',
    'startTransaction',
    'readConcern',
    'writeConcern',
    '$clusterTime',
    '$db',
  ],
  ...['$readPreference', 'apiVersion', 'apiStrict', 'apiDeprecationErrors', 'comment', 'maxTimeMS'],
]);
/** Arrays of which every element is shown. Of other arrays, only the first element is shown. */
const listed = new Set(['pipeline', '$and', '$or', '$nor', '$facet']);
/** Their arguments may be passwords. */
const secret = new Set(['createUser', 'updateUser']);
const maxDepth = 12;

/**
 * A command with its names and shape, every value a `?`; in raw mode with its values.
 *
 * @param name the first key of the command, whose value is shown when it is a name too
 */
export function commandText(
  command: MongodbCommand,
  name: string,
  collection: string | undefined,
  { queryText, maxQueryTextLength }: QueryTextOptions,
): string | undefined {
  if (queryText === 'none') return undefined;
  const writer = new ShapeWriter(maxQueryTextLength, queryText === 'raw' && !secret.has(name));
  writer.text = `{${name}: ${collection !== undefined && command[name] === collection ? JSON.stringify(collection) : '?'}`;
  for (const key in command) {
    if (key === name || envelope.has(key) || command[key] === undefined) continue;
    if (writer.isFull) break;
    writer.text += `, ${key}: `;
    if (key === 'collection' && command[key] === collection) writer.text += JSON.stringify(collection);
    else writer.write(key, documentsOf(command[key]) ?? command[key], 1);
  }
  const text = `${writer.text}}`;
  return text.length > maxQueryTextLength ? text.slice(0, maxQueryTextLength) : text;
}

class ShapeWriter {
  text = '';

  constructor(
    private readonly maxLength: number,
    private readonly showsValues: boolean,
  ) {}

  get isFull(): boolean {
    return this.text.length >= this.maxLength;
  }

  write(name: string, value: unknown, depth: number): void {
    if (this.isFull) return;
    if (depth > maxDepth) this.text += '?';
    else if (Array.isArray(value)) this.writeArray(name, value, depth);
    else if (isDocument(value)) this.writeDocument(value, depth);
    else this.text += this.showsValues ? shownValue(value) : '?';
  }

  private writeDocument(document: Readonly<Record<string, unknown>>, depth: number): void {
    this.text += '{';
    let isFirst = true;
    for (const key in document) {
      if (this.isFull) return;
      this.text += isFirst ? `${key}: ` : `, ${key}: `;
      isFirst = false;
      this.write(key, document[key], depth + 1);
    }
    this.text += '}';
  }

  private writeArray(name: string, values: readonly unknown[], depth: number): void {
    const all = this.showsValues || listed.has(name);
    this.text += '[';
    for (let index = 0; index < values.length && (all || index === 0); index++) {
      if (this.isFull) return;
      if (index > 0) this.text += ', ';
      this.write('', values[index], depth + 1);
    }
    this.text += ']';
  }
}

/** A document and not a value: ObjectId, Long and their like carry `_bsontype`. */
function isDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return false;
  return !(
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Map ||
    ArrayBuffer.isView(value)
  );
}

function shownValue(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? '?';
  } catch {
    return '?';
  }
}
