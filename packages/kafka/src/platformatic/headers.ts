export type PlatformaticHeaders = ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>;

type Serializer = (data: unknown) => unknown;

interface ProducerOptions {
  readonly serializers?: { readonly headerKey?: Serializer; readonly headerValue?: Serializer };
  readonly registry?: unknown;
}

/**
 * A copy of a message's headers to write the context to. The client hands names and values to the serializers of
 * the service, which take text or bytes, and without serializers takes bytes only; so does this map.
 */
export function headersOf(headers: PlatformaticHeaders | undefined, producer: object): Map<unknown, unknown> {
  const copy = new Map(headers instanceof Map ? headers : Object.entries(headers ?? {}));
  const { serializers, registry } = optionsOf(producer);
  const textNames = registry !== undefined || takesText(serializers?.headerKey);
  const textValues = registry !== undefined || takesText(serializers?.headerValue);
  if (textNames && textValues) return copy;
  // An own method rather than a class: the client asks for a Map, and nothing else of it.
  return Object.defineProperty(copy, 'set', {
    value: (name: unknown, value: unknown) =>
      Map.prototype.set.call(
        copy,
        typeof name === 'string' && !textNames ? Buffer.from(name) : name,
        typeof value === 'string' && !textValues ? Buffer.from(value) : value,
      ),
  });
}

function optionsOf(producer: object): ProducerOptions {
  // base/base.js: the options hang on a symbol that the package does not export.
  const symbol = Object.getOwnPropertySymbols(producer).find(
    ({ description }) => description === 'plt.kafka.base.options',
  );
  return (symbol && (producer as Record<symbol, ProducerOptions>)[symbol]) ?? {};
}

function takesText(serializer: Serializer | undefined): boolean {
  if (!serializer) return false;
  try {
    return Buffer.isBuffer(serializer('traceparent'));
  } catch {
    return false;
  }
}
