import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { onLoopback } from '@throughline/testbed/otlp-intake';

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
}
export interface LogRecord {
  readonly traceId?: string;
  readonly body?: { readonly stringValue?: string };
}
export interface Metric {
  readonly name: string;
}
/** Something that arrived, with the attributes of the resource that it came from. */
export type Received<T> = T & { readonly resource: Readonly<Record<string, string | undefined>> };

/** Receives from the Collector instead of Tempo, Loki and Prometheus, and keeps everything that it gets. */
export interface Receiver {
  readonly url: string;
  readonly spans: Received<Span>[];
  readonly logs: Received<LogRecord>[];
  readonly metrics: Received<Metric>[];
  stop(): Promise<void>;
}

interface Scoped<K extends string, T> {
  readonly resource: { readonly attributes?: readonly Attribute[] };
  readonly scopes: readonly Readonly<Record<K, readonly T[]>>[];
}

export async function startReceiver(): Promise<Receiver> {
  const spans: Received<Span>[] = [];
  const logs: Received<LogRecord>[] = [];
  const metrics: Received<Metric>[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    spans.push(...flatten<'spans', Span>(body.resourceSpans, 'scopeSpans', 'spans'));
    logs.push(...flatten<'logRecords', LogRecord>(body.resourceLogs, 'scopeLogs', 'logRecords'));
    metrics.push(...flatten<'metrics', Metric>(body.resourceMetrics, 'scopeMetrics', 'metrics'));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  return { ...(await onLoopback(server)), spans, logs, metrics };
}

function flatten<K extends string, T>(
  resources: readonly Record<string, unknown>[] | undefined,
  scopesKey: string,
  key: K,
): Received<T>[] {
  return (resources ?? []).flatMap((entry) => {
    const { resource } = entry as unknown as Scoped<K, T>;
    const attributes = Object.fromEntries(
      (resource.attributes ?? []).map((attribute) => [attribute.key, attribute.value.stringValue]),
    );
    return (entry[scopesKey] as Scoped<K, T>['scopes']).flatMap((scope) =>
      scope[key].map((item) => ({ ...item, resource: attributes })),
    );
  });
}
