import { type Attributes, type Context, type Span, SpanKind, type Tracer } from '@opentelemetry/api';
import type { DatabaseOperation } from '../plugin/databases.js';
import type { AttributePairs } from '../recorder/span/attribute-pairs.js';
import {
  maxPreparedLength,
  type PreparedSpanOptions,
  prepareAttributes,
  type ReadyAttributes,
  readyAttributes,
  type TextSizes,
  textSizes,
} from '../recorder/span/prepared-attributes.js';
import { redactStatement } from '../redaction/secret-text.js';

type OwnText = Pick<DatabaseOperation, 'queryText'>;

/** Starts the spans of operations that differ in nothing but their text. Name and attributes are made once. */
export class OperationSpans {
  private name: string | undefined;
  private attributes: Attributes | undefined;
  /** Null if the attributes have to be looked at each time. */
  private ready: ReadyAttributes | null | undefined;
  /** The same with room for a text as the last one: to add one to a copy would copy it again. */
  private readyForText: AttributePairs | null | undefined;

  constructor(
    private readonly tracer: Tracer,
    private readonly operation: DatabaseOperation,
  ) {}

  /** @param startTime when the operation has begun, if not now */
  start(parent: Context, startTime: number | undefined, text: OwnText | undefined): Span {
    this.name ??= spanName(this.operation);
    const options = new OperationSpanOptions(this, startTime as number, text);
    return this.tracer.startSpan(this.name, options, parent);
  }

  sharedAttributes(): Attributes {
    this.attributes ??= spanAttributes(this.operation);
    return this.attributes;
  }

  readyAttributes(): ReadyAttributes | null {
    if (this.ready === undefined) this.ready = readyAttributes(this.sharedAttributes()) ?? null;
    return this.ready;
  }

  /** @returns null if the attributes have to be looked at each time, or if the text takes the place of one of them */
  readyPairsForText(): AttributePairs | null {
    if (this.readyForText === undefined) {
      const ready = this.readyAttributes();
      const isAdded = ready !== null && !(queryTextKey in this.sharedAttributes());
      this.readyForText = isAdded ? [...ready.pairs, queryTextKey, ''] : null;
    }
    return this.readyForText;
  }
}

const queryTextKey = 'db.query.text';

/** A class, because V8 makes a shape of its own for each object literal with a getter. */
class OperationSpanOptions implements PreparedSpanOptions {
  readonly kind = SpanKind.CLIENT;

  constructor(
    private readonly spans: OperationSpans,
    // Undefined too, as tracers take it.
    readonly startTime: number,
    private readonly text: OwnText | undefined,
  ) {}

  get attributes(): Attributes {
    const attributes = { ...this.spans.sharedAttributes() };
    const queryText = this.text?.queryText;
    if (queryText !== undefined) attributes[queryTextKey] = queryText;
    return attributes;
  }

  get [textSizes](): TextSizes | undefined {
    return this.spans.readyAttributes()?.sizes;
  }

  [prepareAttributes](): AttributePairs | undefined {
    const queryText = this.text?.queryText;
    if (queryText === undefined) return this.spans.readyAttributes()?.pairs.slice();
    if (typeof queryText !== 'string' || queryText.length > maxPreparedLength) return undefined;
    const pairs = this.spans.readyPairsForText()?.slice();
    if (pairs !== undefined) pairs[pairs.length - 1] = queryText === '' ? '' : redactStatement(queryText);
    return pairs;
  }
}

function spanAttributes(operation: DatabaseOperation): Attributes {
  const attributes: Attributes = { 'db.system.name': operation.system };
  if (operation.name !== undefined) attributes['db.operation.name'] = operation.name;
  if (operation.collection !== undefined) attributes['db.collection.name'] = operation.collection;
  if (operation.namespace !== undefined) attributes['db.namespace'] = operation.namespace;
  if (operation.summary !== undefined) attributes['db.query.summary'] = operation.summary;
  const { queryText } = operation;
  if (queryText !== undefined) attributes[queryTextKey] = queryText;
  if (operation.batchSize !== undefined && operation.batchSize > 1) {
    attributes['db.operation.batch.size'] = operation.batchSize;
  }
  if (operation.serverAddress !== undefined) attributes['server.address'] = operation.serverAddress;
  if (operation.serverPort !== undefined) attributes['server.port'] = operation.serverPort;
  if (operation.attributes) Object.assign(attributes, operation.attributes);
  return attributes;
}

/**
 * The summary, or operation and target, or the system: semantic conventions, "Name". The index of a Redis
 * database is a namespace, but `GET 0` would be meaningless.
 */
function spanName({
  summary,
  name,
  collection,
  namespace,
  serverAddress,
  system,
}: DatabaseOperation): string {
  if (summary !== undefined && summary !== '') return summary;
  if (name === undefined) return system;
  const target = collection ?? namespace ?? serverAddress;
  return target === undefined || isIndex(target) ? name : `${name} ${target}`;
}

function isIndex(target: string): boolean {
  const first = target.charCodeAt(0);
  return first >= 48 && first <= 57 && /^\d+$/.test(target);
}
