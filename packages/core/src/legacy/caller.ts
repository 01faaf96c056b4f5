import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { type Context, propagation } from '@opentelemetry/api';
import { contextFieldsOf } from '../context/context-fields.js';
import { withoutIpv4Mapping } from '../model/client-address.js';

/** Entries of the baggage by which services name themselves. */
const baggageKeys = ['service.name', 'service_name', 'peer.service'];
const maxLength = 64;

/** What is known about the sender of a request or message. */
export interface Caller {
  /** With the baggage, and for a message with its topic. */
  readonly context: Context;
  readonly header: (name: string) => string | undefined;
  readonly peerAddress: string | undefined;
}

/**
 * Names a caller in few words that are the same every time: what it calls itself, else the product in its user agent,
 * else the topic of its message, else where in the network it is.
 */
export function describeCaller(caller: Caller, sourceHeader: string | undefined): string {
  const baggage = propagation.getBaggage(caller.context);
  for (const key of baggage ? baggageKeys : []) {
    const name = baggage?.getEntry(key)?.value;
    if (name) return bounded(name);
  }
  const named = sourceHeader && caller.header(sourceHeader);
  if (named) return bounded(named);
  const product = /^[\w!#$%&'*+.^`|~-]+/.exec(caller.header('user-agent') ?? '')?.[0];
  if (product) return bounded(product.toLowerCase());
  const topic = contextFieldsOf(caller.context)?.topic;
  if (topic !== undefined) return bounded(`topic ${topic}`);
  return networkOf(withoutIpv4Mapping(caller.peerAddress));
}

function bounded(text: string): string {
  return text.slice(0, maxLength).replace(/[^\x20-\x7e]/g, '?');
}

let privateNetworks: BlockList | undefined;

/** RFC 1918, 3927, 6598 (carriers' and some clusters'), 4193 and 4291. */
function createPrivateNetworks(): BlockList {
  const list = new BlockList();
  list.addSubnet('10.0.0.0', 8, 'ipv4');
  list.addSubnet('172.16.0.0', 12, 'ipv4');
  list.addSubnet('192.168.0.0', 16, 'ipv4');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  list.addSubnet('100.64.0.0', 10, 'ipv4');
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list;
}

function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  // A socket in the file system has no address.
  if (!family) return 'unknown';
  if (address === '::1' || address.startsWith('127.')) return 'loopback';
  privateNetworks ??= createPrivateNetworks();
  return privateNetworks.check(address, family) ? 'private network' : 'public network';
}
