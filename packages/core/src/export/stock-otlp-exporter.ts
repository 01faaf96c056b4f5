import { gzipSync } from 'node:zlib';
import type { PostRequest } from './blocking-send.js';

type Headers = Readonly<Record<string, string>>;

/** The parts of a stock OTLP exporter over HTTP that say what it sends and where. */
interface StockExporter<T> {
  readonly _delegate?: {
    readonly _serializer?: { serializeRequest?(items: T[]): Uint8Array | undefined };
    readonly _transport?: {
      readonly _transport?: {
        readonly _parameters?: {
          readonly url?: unknown;
          headers?(): Headers | Promise<Headers>;
          readonly compression?: string;
        };
        _loadUtils?(): Promise<{ readonly agent?: { readonly options?: PostRequest['tls'] } }>;
      };
    };
  };
}

/** Makes the requests that an exporter of the service's would send, for the moment in which it cannot. */
export interface RequestsAtEnd<T> {
  /** Asks for what can only be had asynchronously: there may be something to send from now on. */
  prepare(): void;
  /** Whether that has come. */
  isReady(): boolean;
  request(items: T[]): PostRequest | undefined;
}

/**
 * Reads the configuration of a stock OTLP exporter, of any version that has these parts.
 *
 * @returns undefined for every other exporter
 */
export function requestsOfStockExporter<T>(exporter: object): RequestsAtEnd<T> | undefined {
  const delegate = (exporter as StockExporter<T>)._delegate;
  const transport = delegate?._transport?._transport;
  const parameters = transport?._parameters;
  const serializer = delegate?._serializer;
  if (typeof parameters?.url !== 'string' || typeof serializer?.serializeRequest !== 'function')
    return undefined;
  const { url, compression } = parameters;
  let headers: Headers | undefined;
  let tls: PostRequest['tls'] = {};
  let isAsked = false;
  return {
    prepare() {
      if (isAsked) return;
      isAsked = true;
      const ask = async () => {
        headers = (await parameters.headers?.()) ?? {};
        const { ca, cert, key } = (await transport?._loadUtils?.())?.agent?.options ?? {};
        tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
      };
      ask().catch(() => {});
    },
    isReady: () => headers !== undefined,
    request(items) {
      const body = items.length > 0 ? serializer.serializeRequest?.(items) : undefined;
      if (!body) return undefined;
      const isZipped = compression === 'gzip';
      return {
        url,
        tls,
        headers: { ...headers, ...(isZipped ? { 'content-encoding': 'gzip' } : {}) },
        body: isZipped ? gzipSync(body) : body,
      };
    },
  };
}
