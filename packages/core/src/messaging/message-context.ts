import { type Context, createContextKey, type Span } from '@opentelemetry/api';
import { type UnitOfWork, unitOfWorkKey } from '../annotations/unit-of-work.js';
import { type ContextFields, contextFieldsKey, contextFieldsOf } from '../context/context-fields.js';
import { baggageKey, spanKey } from '../context/context-keys.js';
import type { ReceivedBatch, ReceivedMessage } from '../plugin/messaging.js';

/** The batch that messages are being processed of. */
export interface RunningBatch {
  readonly span: Span;
  /** Whether its messages are processed one by one, and each records its own age. */
  isProcessedSingly: boolean;
}

const batchKey = createContextKey('throughline.messaging.batch');

export function runningBatchOf(context: Context): RunningBatch | undefined {
  return context.getValue(batchKey) as RunningBatch | undefined;
}

/**
 * The context in which a message or a batch is processed: its span, the fields of its log lines, the unit of work, and no
 * baggage. The API copies all entries for each one that is added; this has them without a copy, since every message has one.
 *
 * A consumer's loop runs in the context in which it was started. That span and baggage are not a message's.
 */
export class MessageContext implements Context {
  /** The producer's until {@link begin}. */
  span: Span | undefined = undefined;
  private work: UnitOfWork | undefined = undefined;
  private batch: RunningBatch | undefined = undefined;
  private readonly outer: Context;
  private readonly destination: string | undefined;
  private readonly partition: number | undefined;
  private readonly offset: ReceivedMessage['offset'];
  /** Those of the context around it, and those that the message brings along. */
  private readonly around: ContextFields | undefined;
  private readonly given: ContextFields | undefined;
  private fields: ContextFields | undefined = undefined;
  private plainContext: Context | undefined = undefined;

  /** @param about not kept: a context may live longer than the message */
  constructor(active: Context, about: ReceivedMessage | ReceivedBatch) {
    const isNested = active instanceof MessageContext;
    // Everything that the other one has, this has too. A handler that asks for the next message must not grow a chain.
    this.outer = isNested ? active.outer : active;
    this.destination = about.destination;
    this.partition = about.partition;
    this.offset = about.offset;
    this.given = (about as ReceivedMessage).logFields;
    this.around = isNested ? active.logFields() : contextFieldsOf(active);
  }

  /** The span of the message has been started in this context, which is now the context of the message. */
  begin(span: Span, work: UnitOfWork, batch: RunningBatch | undefined): void {
    this.span = span;
    this.work = work;
    this.batch = batch;
  }

  getValue(key: symbol): unknown {
    switch (key) {
      case spanKey:
        return this.span;
      case contextFieldsKey:
        return this.logFields();
      case unitOfWorkKey:
        return this.work;
      case batchKey:
        return this.batch;
      case baggageKey:
        return undefined;
      default:
        return this.outer.getValue(key);
    }
  }

  setValue(key: symbol, value: unknown): Context {
    return this.plain().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.plain().deleteValue(key);
  }

  /** Made when the first line is written: most messages are processed without any. */
  private logFields(): ContextFields {
    this.fields ??= this.allFields();
    return this.fields;
  }

  private allFields(): ContextFields {
    const { around } = this;
    const own = this.given ?? this.ownFields();
    return around === undefined ? own : { ...around, ...own };
  }

  private ownFields(): ContextFields {
    const { destination, partition, offset } = this;
    const fields: Record<string, string | number> = {};
    if (destination !== undefined) fields.topic = destination;
    if (partition !== undefined) fields.partition = partition;
    if (offset !== undefined) fields.offset = typeof offset === 'number' ? offset : String(offset);
    return fields;
  }

  /** The same entries in a context of the API. What is added to it must not hold this one. */
  private plain(): Context {
    // Only while the span is being started is it another one later.
    if (this.work === undefined) return this.copied();
    this.plainContext ??= this.copied();
    return this.plainContext;
  }

  private copied(): Context {
    let copy = this.outer;
    for (const key of [spanKey, contextFieldsKey, unitOfWorkKey, batchKey, baggageKey]) {
      const value = this.getValue(key);
      if (value !== undefined) copy = copy.setValue(key, value);
      else if (copy.getValue(key) !== undefined) copy = copy.deleteValue(key);
    }
    return copy;
  }
}
