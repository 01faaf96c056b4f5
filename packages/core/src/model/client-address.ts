import { isIP } from 'node:net';

/**
 * The client's address from `Forwarded` (RFC 7239) or `X-Forwarded-For`, first hop. Whatever is not an IP
 * address is not copied: the header is the client's to write.
 */
export function forwardedClientAddress(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const forwarded = headers.forwarded;
  if (typeof forwarded === 'string') {
    const match = /(?:^|[;,\s])for="?(\[[^\]]+\]|[^";,\s]+)/i.exec(forwarded);
    const address = match?.[1] && withoutPort(match[1]);
    if (address) return address;
  }
  const list = headers['x-forwarded-for'];
  if (typeof list === 'string') {
    const comma = list.indexOf(',');
    return withoutPort((comma === -1 ? list : list.slice(0, comma)).trim());
  }
  return undefined;
}

/** A dual-stack socket names IPv4 peers as `::ffff:192.0.2.1`; people look for `192.0.2.1`. */
export function withoutIpv4Mapping(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function withoutPort(text: string): string | undefined {
  if (isIP(text)) return text;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  if (bracketed) return isIP(bracketed) ? bracketed : undefined;
  const colon = text.lastIndexOf(':');
  const host = colon === -1 ? '' : text.slice(0, colon);
  return isIP(host) === 4 ? host : undefined;
}
