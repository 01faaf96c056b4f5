/** What a message is published to, or where it was delivered from. */
export interface Destination {
  /** Empty for the default exchange. */
  readonly exchange: string;
  readonly routingKey: string;
  /** The queue that a consumer reads; undefined for producers. */
  readonly queue?: string | undefined;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const longHex = /(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])/gi;
const number = /(?<=^|\.)\d+(?=\.|$)/g;
/** Names that the broker makes up: the part that is the same for all. */
const madeUp = /^(amq\.gen|amq\.rabbitmq\.reply-to)[-.].*$/s;

/**
 * The name of a destination by the semantic conventions: exchange, routing key and queue, those that there are, joined
 * by colons. It labels metrics. Parts of it that look like an id are replaced by `*`.
 * https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/
 */
export function nameOfDestination(destination: Destination): string {
  const { exchange, routingKey, queue } = destination;
  const known = `${exchange}\0${routingKey}\0${queue}`;
  const before = names.get(known);
  if (before !== undefined) return before;
  const name = composedName(destination);
  // Keys with ids are new each time: they must not fill the memory.
  if (names.size >= maxNames) names.clear();
  names.set(known, name);
  return name;
}

/** Names that were composed before; most services have few. */
const names = new Map<string, string>();
const maxNames = 1_000;

function composedName({ exchange, routingKey, queue }: Destination): string {
  const key = withoutIds(routingKey);
  const parts = [exchange, key];
  if (queue !== undefined) {
    const name = withoutIds(queue);
    if (name !== key) parts.push(name);
  }
  return parts.filter((part) => part !== '').join(':') || 'amq.default';
}

function withoutIds(name: string): string {
  return name.replace(madeUp, '$1').replace(uuid, '*').replace(longHex, '*').replace(number, '*');
}

/** Whether the broker has made up the name, for a queue that goes away with its consumer. */
export function isTemporary(name: string): boolean {
  return name.startsWith('amq.gen-') || name.startsWith('amq.rabbitmq.reply-to');
}
