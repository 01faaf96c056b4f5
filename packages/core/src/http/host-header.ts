export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Splits a Host header or `:authority`. It is the client's to write: anything that is not a plain host name
 * or address gives undefined.
 */
export function parseHost(header: string | undefined): HostAndPort | undefined {
  if (header === undefined || header.length > 255) return undefined;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header);
  if (!match?.[1]) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return undefined;
  return { host: match[1].startsWith('[') ? match[1].slice(1, -1) : match[1], port };
}
