import type { RequestOptions } from 'node:http';
import { type TextMapPropagator, trace } from '@opentelemetry/api';

/** Where an outgoing call goes. */
export interface OutgoingTarget {
  /** Name or address, without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number | undefined;
  /** Without its query. */
  readonly url: string;
}

/** Which outgoing HTTP calls carry trace headers (`http.propagateTo`). */
export interface OutgoingHeaders {
  carriedTo(target: OutgoingTarget): boolean;
  /** The call that has these headers, or this span, shall carry none. */
  withhold(headersOrSpan: object): void;
  wrap(propagator: TextMapPropagator): TextMapPropagator;
}

/** A key that `Object.assign` copies, as the stock instrumentation does, and that Node writes nothing for. */
const withheld = Symbol('throughline: no trace headers');

/** @returns undefined if all calls carry them: then nothing needs to be checked */
export function outgoingHeaders(
  propagateTo: readonly (string | RegExp)[] | undefined,
): OutgoingHeaders | undefined {
  if (!propagateTo) return undefined;
  const withheldFrom = new WeakSet<object>();
  const names = propagateTo.filter((entry) => typeof entry === 'string').map((entry) => entry.toLowerCase());
  const patterns = propagateTo.filter((entry) => entry instanceof RegExp);

  return {
    carriedTo({ host, port, url }) {
      const name = host.toLowerCase();
      return (
        names.some((entry) => isHost(entry, name, port)) ||
        // A global or sticky expression keeps its position between calls.
        patterns.some((pattern) => url.search(pattern) !== -1)
      );
    },
    withhold(headersOrSpan) {
      if ('spanContext' in headersOrSpan) withheldFrom.add(headersOrSpan);
      else Object.assign(headersOrSpan, { [withheld]: true });
    },
    wrap: (inner) => ({
      fields: () => inner.fields(),
      extract: (context, carrier, getter) => inner.extract(context, carrier, getter),
      inject(context, carrier, setter) {
        if (typeof carrier === 'object' && carrier !== null && withheld in carrier) return;
        const span = trace.getSpan(context);
        if (span && withheldFrom.has(span)) return;
        inner.inject(context, carrier, setter);
      },
    }),
  };
}

/** `entry` is a host, `host:port`, or `.domain` for everything below it. */
function isHost(entry: string, name: string, port: number | undefined): boolean {
  if (entry.startsWith('.')) return name.endsWith(entry);
  return entry === name || entry === `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** The target of what was passed to `http.request`. */
export function targetOfOptions(options: RequestOptions): OutgoingTarget {
  const protocol = options.protocol ?? 'http:';
  const host = withoutBrackets(String(options.hostname ?? options.host ?? 'localhost'));
  const named = options.port ?? options.defaultPort ?? undefined;
  const port = named === undefined ? defaultPort(protocol) : Number(named);
  const path = (options.path ?? '/').split('?', 1)[0];
  return { host, port, url: `${protocol}//${authority(host, protocol, port)}${path}` };
}

export function targetOfUrl(url: URL): OutgoingTarget {
  return {
    host: withoutBrackets(url.hostname),
    port: url.port === '' ? defaultPort(url.protocol) : Number(url.port),
    url: `${url.origin}${url.pathname}`,
  };
}

function authority(host: string, protocol: string, port: number | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined || port === defaultPort(protocol) ? name : `${name}:${port}`;
}

function defaultPort(protocol: string): number | undefined {
  if (protocol === 'https:') return 443;
  return protocol === 'http:' ? 80 : undefined;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/**
 * The headers of a call as an object: Node also takes a list, flat or in pairs, and the stock instrumentation
 * would make headers named 0, 1 and 2 of it.
 *
 * @returns undefined for what Node refuses
 */
export function headersAsObject(list: readonly unknown[]): Record<string, string | string[]> | undefined {
  const inPairs = Array.isArray(list[0]);
  const flat = inPairs ? list.flat(1) : list;
  if (flat.length % 2 !== 0) return undefined;
  const headers: Record<string, string | string[]> = {};
  const spellings = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) {
    const written = String(flat[i]);
    const name = spellings.get(written.toLowerCase()) ?? written;
    spellings.set(written.toLowerCase(), name);
    const value = flat[i + 1];
    const values = Array.isArray(value) ? value.map(String) : String(value);
    const earlier = headers[name];
    headers[name] = earlier === undefined ? values : [earlier, values].flat();
  }
  return headers;
}
