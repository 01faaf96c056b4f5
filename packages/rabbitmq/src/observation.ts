import type { Attributes } from '@opentelemetry/api';
import { type MessagingOperations, tryStart } from '@throughline/core/plugin';
import { type Destination, isTemporary, nameOfDestination } from './destinations.js';
import type { AmqpChannel } from './internals.js';

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

export const system = 'rabbitmq';

export function destinationOf({ destinationName }: Observation, destination: Destination): string {
  const own = destinationName && tryStart(() => destinationName(destination));
  return typeof own === 'string' && own !== '' ? own : nameOfDestination(destination);
}

interface Socket {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  /** The name that was looked up. */
  readonly _host?: unknown;
}

const servers = new WeakMap<object, Attributes>();

function serverOf(channel: AmqpChannel): Attributes {
  const socket = channel.connection?.stream as Socket | undefined;
  if (!socket) return {};
  const known = servers.get(socket);
  if (known) return known;
  const { _host: host, remoteAddress, remotePort } = socket;
  const address = typeof host === 'string' && host !== '' ? host : remoteAddress;
  // Not known any more once the socket is closed.
  if (typeof address !== 'string' || typeof remotePort !== 'number') return {};
  const server = { 'server.address': address, 'server.port': remotePort };
  servers.set(socket, server);
  return server;
}

interface MessageFacts extends Destination {
  readonly content: { readonly length: number };
  readonly correlationId?: unknown;
}

/** What spans say of a message beyond what all brokers have. */
export function attributesOf(channel: AmqpChannel, message: MessageFacts): Attributes {
  const { routingKey, queue, content, correlationId } = message;
  const attributes: Attributes = { ...serverOf(channel) };
  if (routingKey !== '') attributes['messaging.rabbitmq.destination.routing_key'] = routingKey;
  if (isTemporary(queue ?? routingKey)) attributes['messaging.destination.temporary'] = true;
  if (typeof content?.length === 'number') attributes['messaging.message.body.size'] = content.length;
  if (typeof correlationId === 'string') attributes['messaging.message.conversation_id'] = correlationId;
  return attributes;
}

export function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
