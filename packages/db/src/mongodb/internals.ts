/** What is read of the driver, versions 5 to 7. */
export interface MongodbConnection {
  /** `host:port`. */
  readonly address?: string;
}

export interface MongodbPool {
  readonly address: string;
  readonly currentCheckedOutCount: number;
  readonly availableConnectionCount: number;
  readonly waitQueueSize: number;
}

export interface MongodbNamespace {
  readonly db?: string;
}

/** A command of the wire protocol: its first key is its name. */
export type MongodbCommand = Readonly<Record<string, unknown>>;

/** A reply: parsed, or since version 6.7 one that is parsed as it is read. */
export interface MongodbReply {
  readonly writeErrors?: unknown;
  has?(name: string): boolean;
  toObject?(): { readonly writeErrors?: unknown };
}

export function commandName(command: MongodbCommand): string {
  for (const name in command) return name;
  return '';
}

/** The documents of a write: an array, or what version 7 makes of it to send it apart. */
export function documentsOf(batch: unknown): readonly unknown[] | undefined {
  if (Array.isArray(batch)) return batch;
  if (typeof batch !== 'object' || batch === null || !('chunks' in batch)) return undefined;
  const { documents } = batch as { documents?: unknown };
  return Array.isArray(documents) ? documents : undefined;
}
