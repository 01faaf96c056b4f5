import { copyOf } from '../model/text-copy.js';
import type { ReceivedMessage } from '../plugin/messaging.js';
import type { AttributePairs, RecordedValue } from '../recorder/span/attribute-pairs.js';
import { maxPreparedLength } from '../recorder/span/prepared-attributes.js';
import { redactAttribute } from '../redaction/attribute-redaction.js';
import {
  type AboutMessages,
  attributesOfOperation,
  nameOf,
  type OperationName,
} from './message-attributes.js';
import type { MessagingMetrics, OperationMetrics } from './messaging-metrics.js';

type Way = Pick<ReceivedMessage, 'system' | 'destination' | 'consumerGroup' | 'clientId'>;

/** A service has tens. One that makes up names of topics or clients must not fill the memory. */
const maxDestinations = 1_000;
const maxPerDestination = 16;

/** What is the same for all messages of one operation that go the same way: made once, and found again with each message. */
export class KnownOperation {
  readonly spanName: string;
  readonly metrics: OperationMetrics;
  /** The attributes that the spans begin with; undefined if one of them has to be looked at for each span. */
  readonly begin: AttributePairs | undefined;
  private readonly system: string;
  private readonly destination: string | undefined;
  private readonly consumerGroup: string | undefined;
  private readonly clientId: string | undefined;

  constructor(operation: OperationName, way: Way, metrics: MessagingMetrics) {
    this.system = way.system;
    this.destination = way.destination;
    this.consumerGroup = way.consumerGroup;
    this.clientId = way.clientId;
    this.spanName = nameOf(operation, way.destination);
    this.metrics = metrics.ofOperation(way, operation);
    this.begin = preparedPairs(operation, way);
  }

  isOf(about: Way): boolean {
    return (
      this.destination === about.destination &&
      this.consumerGroup === about.consumerGroup &&
      this.clientId === about.clientId &&
      this.system === about.system
    );
  }
}

/** The ways that messages of one operation have gone so far. */
export class KnownOperations {
  private readonly byDestination = new Map<string | undefined, KnownOperation[]>();
  private last: KnownOperation | undefined = undefined;

  constructor(
    private readonly operation: OperationName,
    private readonly metrics: MessagingMetrics,
  ) {}

  of(about: AboutMessages): KnownOperation {
    const way = about as Way;
    if (this.last?.isOf(way)) return this.last;
    this.last = this.found(way) ?? this.added(way);
    return this.last;
  }

  private found(way: Way): KnownOperation | undefined {
    const known = this.byDestination.get(way.destination);
    if (known === undefined) return undefined;
    for (const one of known) if (one.isOf(way)) return one;
    return undefined;
  }

  private added({ system, destination, consumerGroup, clientId }: Way): KnownOperation {
    const kept: Way = {
      system: copied(system),
      destination: copied(destination),
      consumerGroup: copied(consumerGroup),
      clientId: copied(clientId),
    };
    const made = new KnownOperation(this.operation, kept, this.metrics);
    const known = this.byDestination.get(kept.destination);
    if (known !== undefined) {
      if (known.length < maxPerDestination) known.push(made);
    } else if (this.byDestination.size < maxDestinations) {
      this.byDestination.set(kept.destination, [made]);
    }
    return made;
  }
}

function copied<T extends string | undefined>(value: T): T {
  return typeof value === 'string' ? (copyOf(value) as T) : value;
}

function preparedPairs(operation: OperationName, way: Way): AttributePairs | undefined {
  const pairs: AttributePairs = [];
  for (const [key, value] of Object.entries(attributesOfOperation(operation, way))) {
    if (typeof value !== 'string' || value.length > maxPreparedLength) return undefined;
    pairs.push(key, redactAttribute(key, value) as RecordedValue);
  }
  return pairs;
}
