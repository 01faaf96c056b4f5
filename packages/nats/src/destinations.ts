/** What a message is published to, and where it was delivered from. */
export interface Destination {
  /** The subject of the message, with everything that it contains. */
  readonly subject: string;
  /** The subject that was subscribed to, with its wildcards; undefined for producers and for JetStream. */
  readonly subscription?: string | undefined;
  /** The queue group of the subscription. */
  readonly queue?: string | undefined;
  /** The stream of JetStream that delivered the message. */
  readonly stream?: string | undefined;
  /** The durable consumer of JetStream that delivered the message. */
  readonly consumer?: string | undefined;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const longHex = /(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])/gi;
const number = /(?<=^|\.)\d+(?=\.|$)/g;
/** NUIDs, which NATS itself makes, ULIDs and the like: letters and digits, with at least one digit. */
const longId = /(?<=^|\.)(?=[a-z]*\d)[0-9a-z]{20,}(?=\.|$)/gi;
/** Keys of a bucket of the key-value store and names in an object store. */
const bucket = /^(\$KV|\$O)\.([^.]+)\..*$/s;
const defaultInbox = '_INBOX';

/**
 * The name of a destination: the subject, with `*` for parts that look like an id. It labels metrics. Subjects of inboxes
 * all get the name `_INBOX`.
 *
 * @param inboxPrefix what inboxes of this connection begin with. Default: `_INBOX`
 */
export function nameOfSubject(subject: string, inboxPrefix?: string): string {
  if (isInbox(subject, inboxPrefix)) return defaultInbox;
  const before = names.get(subject);
  if (before !== undefined) return before;
  const name = subject
    .replace(bucket, '$1.$2.*')
    .replace(uuid, '*')
    .replace(longHex, '*')
    .replace(longId, '*')
    .replace(number, '*');
  // Subjects with ids are new each time: they must not fill the memory.
  if (names.size >= maxNames) names.clear();
  names.set(subject, name);
  return name;
}

/** Names that were made before; most services have few. */
const names = new Map<string, string>();
const maxNames = 1_000;

/** Whether a subject is the address of one client, for answers. */
export function isInbox(subject: string, inboxPrefix = defaultInbox): boolean {
  return subject.startsWith(`${inboxPrefix}.`) || subject.startsWith(`${defaultInbox}.`);
}

/** Requests to the server, acknowledgements, and the discovery of services: they are not messages of the service. */
export function isProtocol(subject: string): boolean {
  return /^\$(?:JS|SRV|SYS)\./.test(subject);
}
