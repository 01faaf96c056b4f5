import type { Attributes } from '@opentelemetry/api';
import { type MessagingOperations, tryStart } from '@throughline/core/plugin';
import { type Destination, isInbox, nameOfSubject } from './destinations.js';
import type { Payload, Protocol } from './internals.js';

/** What every patch needs. */
export interface Observation {
  readonly messaging: MessagingOperations;
  /** What processing a message is to its producer. */
  readonly relation: 'child' | 'link';
  /** The service's own names of destinations. */
  readonly destinationName: ((destination: Destination) => string) | undefined;
  /** False once the plugin is shut down. */
  readonly isActive: () => boolean;
}

export type Recording = Omit<Observation, 'isActive'>;

export const system = 'nats';

export function destinationOf(
  { destinationName }: Observation,
  destination: Destination,
  protocol: Protocol | undefined,
): string {
  const own = destinationName && tryStart(() => destinationName(destination));
  return typeof own === 'string' && own !== ''
    ? own
    : nameOfSubject(destination.subject, protocol?.options?.inboxPrefix);
}

/** What spans say of a message beyond what all brokers have. */
export function attributesOf(
  protocol: Protocol | undefined,
  { subject, subscription }: Destination,
  payload: Payload,
): Attributes {
  const attributes: Attributes = { 'messaging.nats.subject': subject };
  const { hostname, port } = protocol?.server ?? {};
  if (typeof hostname === 'string') attributes['server.address'] = hostname;
  if (typeof port === 'number') attributes['server.port'] = port;
  const size = sizeOf(payload);
  if (size !== undefined) attributes['messaging.message.body.size'] = size;
  if (isInbox(subject, protocol?.options?.inboxPrefix)) attributes['messaging.destination.temporary'] = true;
  if (subscription !== undefined && subscription !== subject) {
    attributes['messaging.destination.template'] = subscription;
  }
  return attributes;
}

/** In bytes; undefined for what cannot be sent. */
export function sizeOf(payload: unknown): number | undefined {
  if (payload === undefined) return 0;
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return payload instanceof Uint8Array ? payload.byteLength : undefined;
}
