import { traceRequest } from '@throughline/testbed/otlp-trace-request';

export type DecodedAttributes = Readonly<Record<string, unknown>>;

export interface DecodedSpan {
  readonly resource: DecodedAttributes;
  readonly resourceSchemaUrl: string;
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: DecodedAttributes;
  readonly droppedAttributesCount: number;
  readonly events: readonly {
    readonly time: bigint;
    readonly name: string;
    readonly attributes: DecodedAttributes;
    readonly droppedAttributesCount: number;
  }[];
  readonly droppedEventsCount: number;
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState: string;
    readonly attributes: DecodedAttributes;
    readonly droppedAttributesCount: number;
    readonly flags: number;
  }[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: number; readonly message: string };
}

interface RawPair {
  readonly key: string;
  readonly value: RawValue | null;
}

interface RawValue {
  /** The name of the member that is set. */
  readonly value?: string;
  readonly arrayValue?: { readonly values: readonly RawValue[] };
  readonly [member: string]: unknown;
}

interface RawEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly RawPair[];
  readonly droppedAttributesCount: number;
}

interface RawLink {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly traceState: string;
  readonly attributes: readonly RawPair[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

interface RawSpan extends RawLink {
  readonly parentSpanId: Buffer;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events: readonly RawEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly RawLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: number; readonly message: string } | null;
}

interface RawRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly RawPair[] };
    readonly schemaUrl: string;
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly schemaUrl: string;
      readonly spans: readonly RawSpan[];
    }[];
  }[];
}

/** The spans of a trace export in protobuf, in the order in which they are in it. */
export function decodeTraceRequest(body: Uint8Array): DecodedSpan[] {
  const { resourceSpans } = traceRequest.toObject(traceRequest.decode(body), {
    longs: String,
    bytes: Buffer,
    arrays: true,
    defaults: true,
    // Says which member of AnyValue is set.
    oneofs: true,
  }) as RawRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans, schemaUrl: resourceSchemaUrl }) =>
    scopeSpans.flatMap(({ scope: { name, version }, spans, schemaUrl }) =>
      spans.map((span) => ({
        resource: attributesOf(resource.attributes),
        resourceSchemaUrl,
        scope: { name, version, schemaUrl },
        ...linkOf(span),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        events: span.events.map((event) => ({
          time: BigInt(event.timeUnixNano),
          name: event.name,
          attributes: attributesOf(event.attributes),
          droppedAttributesCount: event.droppedAttributesCount,
        })),
        droppedEventsCount: span.droppedEventsCount,
        links: span.links.map(linkOf),
        droppedLinksCount: span.droppedLinksCount,
        status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
      })),
    ),
  );
}

/** What spans and links have in common. */
function linkOf({ traceId, spanId, traceState, attributes, droppedAttributesCount, flags }: RawLink) {
  return {
    traceId: hex(traceId),
    spanId: hex(spanId),
    traceState,
    attributes: attributesOf(attributes),
    droppedAttributesCount,
    flags,
  };
}

function hex(bytes: Buffer): string {
  return Buffer.from(bytes).toString('hex');
}

function attributesOf(pairs: readonly RawPair[]): DecodedAttributes {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const { key, value } of pairs) {
    if (key in attributes) throw new Error(`The attribute ${key} is there twice.`);
    attributes[key] = typedValue(value);
  }
  return attributes;
}

/** A value with its type, since 1 and 1.0 are two in OTLP; `undefined` for an empty one. */
function typedValue(raw: RawValue | null): unknown {
  const member = raw?.value;
  if (!raw || !member) return undefined;
  if (member === 'arrayValue') return raw.arrayValue?.values.map(typedValue);
  return { [member]: raw[member] };
}
