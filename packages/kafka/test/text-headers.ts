/** The headers of a message as text, from an object, a map, or a list of objects. */
export function textHeaders(headers: unknown): Record<string, string> {
  const entries: Iterable<[unknown, unknown]> =
    headers instanceof Map
      ? headers
      : Array.isArray(headers)
        ? headers.flatMap((one: object) => Object.entries(one))
        : Object.entries(headers ?? {});
  return Object.fromEntries([...entries].map(([name, value]) => [String(name), String(value)]));
}
