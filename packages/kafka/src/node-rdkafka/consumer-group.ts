import type { ConsumerGroupObservation } from '@throughline/core/plugin';
import type { ConsumerIdentity } from '../client/messages.js';
import { type Operations, tryStart } from '../client/operations.js';

/** The events of the consumers of both native packages. */
interface RdKafkaConsumer {
  readonly _isDisconnecting?: boolean;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** librdkafka's RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS and RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS. */
const assigned = -175;
const revoked = -174;

/** https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md */
interface Statistics {
  readonly topics?: Readonly<Record<string, { readonly partitions?: Readonly<Record<string, Partition>> }>>;
}

interface Partition {
  readonly partition: number;
  readonly fetch_state: string;
  /** -1 while it is not known. */
  readonly consumer_lag: number;
}

const observedConsumers = new WeakSet<object>();

/**
 * Records rebalances if the service has turned on the event (`rebalance_cb`), and lag if it has turned on statistics
 * (`statistics.interval.ms`). Both are off in librdkafka by default. The settings of the service are not changed.
 */
export function observeGroupEvents(
  consumer: RdKafkaConsumer,
  { groupId }: ConsumerIdentity,
  { messaging }: Operations,
  isActive: () => boolean,
): void {
  if (groupId === undefined || observedConsumers.has(consumer)) return;
  observedConsumers.add(consumer);
  const group = messaging.observeGroup('kafka', groupId);
  const on = <A extends unknown[]>(event: string, listener: (...args: A) => void) =>
    consumer.on(event, (...args: unknown[]) => {
      if (isActive()) tryStart(() => listener(...(args as A)));
    });
  let hasJoined = false;
  let isRevoked = false;
  let last: object | undefined;
  on('rebalance', ({ code }: { code: number }, assignment: object) => {
    // @confluentinc/kafka-javascript emits it twice for consumers of its KafkaJS API.
    if (assignment === last) return;
    last = assignment;
    if (code === revoked && !consumer._isDisconnecting) {
      isRevoked = true;
      group.rebalanced();
    } else if (code === assigned) {
      // What was taken away before is the same rebalance.
      if (hasJoined && !isRevoked) group.rebalanced();
      hasJoined = true;
      isRevoked = false;
    }
  });
  on('event.stats', (event: { message: string }) => recordLag(JSON.parse(event.message), group));
  on('disconnected', () => group.left());
}

function recordLag({ topics = {} }: Statistics, group: ConsumerGroupObservation): void {
  for (const [topic, { partitions = {} }] of Object.entries(topics)) {
    for (const { partition, fetch_state: state, consumer_lag: lag } of Object.values(partitions)) {
      // The consumer's own; -1 is librdkafka's place for messages without a partition yet.
      if (partition >= 0 && state === 'active' && lag >= 0) group.lag(topic, partition, lag);
    }
  }
}
