import type { ClientRequest, RequestOptions } from 'node:http';
import type { BoundInstrument } from '../instruments/instruments.js';
import { copyOf } from '../model/text-copy.js';
import { type ReadyAttributes, readyAttributes } from '../recorder/span/prepared-attributes.js';
import { mayHoldNamedSecret } from '../redaction/secret-text.js';
import type { ClientLabels, ClientMetrics } from './client-measurement.js';
import { parseHost } from './host-header.js';
import { methodLabel } from './methods.js';

/** Answers have a few status codes. A server that makes them up must not fill the memory. */
const maxSeries = 32;

/** What the calls of one method to one server have in common. */
export class ClientMethod {
  readonly spanName: string;
  readonly ready: ReadyAttributes | undefined;
  private readonly series = new Map<number, BoundInstrument>();

  /**
   * @param method as the label has it: a known method or `_OTHER`
   * @param attributes method and address, with which all spans begin
   */
  constructor(
    readonly method: string,
    readonly attributes: Readonly<Record<string, string | number>>,
  ) {
    this.spanName = method === '_OTHER' ? 'HTTP' : method;
    this.ready = readyAttributes(attributes);
  }

  /** Where the calls that succeed with this status code are recorded. */
  seriesOf(statusCode: number, call: ClientLabels, metrics: ClientMetrics): BoundInstrument {
    let series = this.series.get(statusCode);
    if (series === undefined) {
      series = metrics.ofSucceeded(call);
      if (this.series.size < maxSeries) this.series.set(statusCode, series);
    }
    return series;
  }
}

const plainOrigin = /^https?:\/\/[\w.:[\]-]+$/;

/** A server as the service names it. */
export class ClientTarget {
  /** Whether the origin has no user, and nothing else that has to be redacted. */
  readonly isPlain: boolean;
  private readonly methods = new Map<string, ClientMethod>();

  /**
   * @param host without brackets
   * @param origin of `url.full`
   * @param further attributes that all spans of this kind of client have
   */
  constructor(
    readonly host: string,
    readonly port: number,
    readonly origin: string,
    private readonly further: Readonly<Record<string, string>> = {},
  ) {
    this.isPlain = plainOrigin.test(origin) && !mayHoldNamedSecret(origin);
  }

  /** @param written in any case, as undici takes it */
  ofWritten(written: string | undefined): ClientMethod {
    const known = written === undefined ? undefined : this.methods.get(written);
    return known ?? this.of(written?.toUpperCase());
  }

  of(written: string | undefined): ClientMethod {
    const method = methodLabel(written);
    let known = this.methods.get(method);
    if (known === undefined) {
      const attributes = {
        'http.request.method': method,
        'server.address': this.host,
        'server.port': this.port,
        ...this.further,
      };
      known = new ClientMethod(method, attributes);
      this.methods.set(method, known);
    }
    return known;
  }
}

/** A service calls a few servers. One that calls a new name each time must not fill the memory. */
const maxTargets = 256;

/** Targets by scheme and Host header. */
export class ClientTargets {
  private readonly http = new Map<string, ClientTarget>();
  private readonly https = new Map<string, ClientTarget>();

  /**
   * The target of a request of `http` or `https`.
   *
   * @param given what `http.request` was called with, if that is known
   */
  of(request: ClientRequest, given: readonly unknown[]): ClientTarget {
    const header = request.getHeader('host');
    if (typeof header === 'string') {
      const targets = request.protocol === 'https:' ? this.https : this.http;
      const target = targets.get(header) ?? this.added(targets, request.protocol, header);
      const port = optionsIn(given)?.port;
      const isThere = !port || Number(port) === target?.port;
      if (target !== undefined && target.host === request.host && isThere) return target;
    }
    return otherTarget(request, header, given);
  }

  private added(
    targets: Map<string, ClientTarget>,
    protocol: string,
    header: string,
  ): ClientTarget | undefined {
    const named = parseHost(header);
    if (named === undefined) return undefined;
    const target = new ClientTarget(
      copyOf(named.host),
      named.port ?? defaultPort(protocol),
      copyOf(`${protocol}//${header}`),
    );
    if (targets.size < maxTargets) targets.set(copyOf(header), target);
    return target;
  }
}

/** The options among the arguments of `http.request`. */
export function optionsIn([first, second]: readonly unknown[]): RequestOptions | undefined {
  const options = typeof first === 'string' || first instanceof URL ? second : first;
  return typeof options === 'object' && options !== null ? (options as RequestOptions) : undefined;
}

/** The service wrote its own Host header: what counts is where the request goes. */
function otherTarget(request: ClientRequest, header: unknown, given: readonly unknown[]): ClientTarget {
  const { protocol } = request;
  const host = withoutBrackets(String(request.host));
  const usualPort = defaultPort(protocol);
  if (given.length === 0) {
    const named = parseHost(typeof header === 'string' ? header : undefined);
    return new ClientTarget(host, named?.port ?? usualPort, `${protocol}//${String(header ?? host)}`);
  }
  const options = optionsIn(given);
  const port = Number(options?.port || portOfUrl(given[0]) || options?.defaultPort || usualPort);
  const name = host.includes(':') ? `[${host}]` : host;
  return new ClientTarget(host, port, `${protocol}//${port === usualPort ? name : `${name}:${port}`}`);
}

function portOfUrl(url: unknown): string | undefined {
  if (url instanceof URL) return url.port;
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).port : undefined;
}

const defaultPort = (protocol: string) => (protocol === 'https:' ? 443 : 80);

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
