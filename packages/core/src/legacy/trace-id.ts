import { createHash } from 'node:crypto';

/** Reads another header of the same request or message. */
type ReadHeader = (name: string) => string | undefined;

type Derive = (value: string, read: ReadHeader) => string;

/** No trace: https://www.w3.org/TR/trace-context/#trace-id */
const invalidTraceId = '0'.repeat(32);

const hex32 = /^[0-9a-f]{32}$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** 32 hex digits and UUIDs are trace ids as they are; anything else becomes the first 16 bytes of its SHA-256. */
function idOrHash(value: string): string {
  if (hex32.test(value)) return value.toLowerCase();
  if (uuid.test(value)) {
    const hex = value.slice(0, 8) + value.slice(9, 13) + value.slice(14, 18) + value.slice(19, 23);
    return (hex + value.slice(24)).toLowerCase();
  }
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

/** Headers with a fixed format. A value that does not have the format is treated by the general rule. */
const derivations: Readonly<Record<string, Derive>> = {
  // https://github.com/openzipkin/b3-propagation#traceid
  'x-b3-traceid': (value) =>
    /^[0-9a-f]{16}$/i.test(value) ? value.toLowerCase().padStart(32, '0') : idOrHash(value),
  // https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
  'x-amzn-trace-id': (value) => {
    const root = /(?:^|;)\s*Root=([^;]+)/i.exec(value)?.[1]?.trim() ?? value;
    const id = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(root);
    return id ? `${id[1]}${id[2]}`.toLowerCase() : idOrHash(root);
  },
  // https://cloud.google.com/trace/docs/trace-context#legacy-http-header
  'x-cloud-trace-context': (value) => idOrHash(value.split(/[/;]/, 1)[0] || value),
  // https://develop.sentry.dev/sdk/telemetry/traces/#header-sentry-trace
  'sentry-trace': (value) => idOrHash(/^([0-9a-f]{32})(?:-|$)/i.exec(value)?.[1] ?? value),
  // The lower 64 bits in decimal; the upper 64 bits, if there are any, are a tag in a separate header.
  // https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/
  'x-datadog-trace-id': (value, read) => {
    if (!/^\d{1,20}$/.test(value)) return idOrHash(value);
    const lower = BigInt(value);
    if (lower >= 1n << 64n) return idOrHash(value);
    const upper = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/i.exec(read('x-datadog-tags') ?? '')?.[1];
    return lower === 0n
      ? invalidTraceId
      : `${upper?.toLowerCase() ?? '0'.repeat(16)}${lower.toString(16).padStart(16, '0')}`;
  },
};

/**
 * The trace id for the value of an old header. The same value always gives the same trace id, in every service. docs/moving-over.md has the rules as a table.
 *
 * @param name of the header, in lower case
 * @returns 32 lower-case hex digits; undefined for a value that means no trace (all zeros)
 */
export function traceIdOf(
  name: string,
  value: string,
  read: ReadHeader = () => undefined,
): string | undefined {
  const traceId = (derivations[name] ?? idOrHash)(value, read);
  return traceId === invalidTraceId ? undefined : traceId;
}
