import { textAttribute } from '../intake/attributes.js';
import type { SpanError, SpanTarget } from '../model/api.js';
import type { Span } from '../model/telemetry.js';

const maxStackLength = 8_000;

/** The database, topic or host that a span talks to; undefined for work inside the service. */
export function targetOf({ attributes, kind }: Span): SpanTarget | undefined {
  const text = (name: string) => textAttribute(attributes, name);
  const database = text('db.system.name') ?? text('db.system');
  if (database !== undefined && kind !== 'server') {
    const name = text('db.namespace') ?? text('db.name') ?? text('server.address') ?? '';
    // Redis numbers its databases.
    return { kind: 'database', system: database, name: /^\d+$/.test(name) ? `database ${name}` : name };
  }
  const messaging = text('messaging.system');
  if (messaging !== undefined) {
    return { kind: 'topic', system: messaging, name: text('messaging.destination.name') ?? '' };
  }
  const host = text('server.address') ?? text('net.peer.name');
  if (kind !== 'client' || host === undefined) return undefined;
  const port = text('server.port') ?? text('net.peer.port');
  const system = text('rpc.system') ?? 'http';
  return { kind: 'host', system, name: port === undefined ? host : `${host}:${port}` };
}

/** What went wrong in a span, from its exception event or its status; undefined if it did not fail. */
export function errorOf({ isError, events, statusMessage, attributes }: Span): SpanError | undefined {
  if (!isError) return undefined;
  const exception = events.findLast(({ name }) => name === 'exception')?.attributes ?? {};
  const stack = textAttribute(exception, 'exception.stacktrace');
  return {
    type: textAttribute(exception, 'exception.type') ?? textAttribute(attributes, 'error.type'),
    message: textAttribute(exception, 'exception.message') ?? statusMessage,
    stack: stack === undefined ? undefined : stack.slice(0, maxStackLength),
  };
}
