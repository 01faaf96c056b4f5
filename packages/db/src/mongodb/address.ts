interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const addresses = new WeakMap<object, Address>();

/** `host:port` of a connection or pool in parts, once for each. */
export function addressOf(owner: { readonly address?: string }): Address {
  const known = addresses.get(owner);
  if (known) return known;
  const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(owner.address ?? '') ?? [];
  const address = { host: host || undefined, port: port === undefined ? undefined : Number(port) };
  addresses.set(owner, address);
  return address;
}
