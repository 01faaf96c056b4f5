/*
 * Values in OTLP/JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

/** An attribute value as an AnyValue; `{}` for one that has no form there. */
export function anyValue(value: unknown): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return numberValue(value);
    case 'object':
      if (value === null) return {};
      if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
      return { kvlistValue: { values: keyValues(value as Record<string, unknown>) } };
    default:
      return {};
  }
}

function numberValue(value: number): object {
  if (Number.isSafeInteger(value)) return { intValue: value };
  // JSON has no number for these; the encoding of protobuf in JSON has words.
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

/** Attributes as a list of KeyValue; what is undefined is left out. */
export function keyValues(attributes: Readonly<Record<string, unknown>>): object[] {
  return Object.keys(attributes).flatMap((key) =>
    attributes[key] === undefined ? [] : { key, value: anyValue(attributes[key]) },
  );
}
