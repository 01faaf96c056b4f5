/** @returns the spans of a trace, with the attributes of their resource; none where Tempo has no such trace */
export async function traceSpans(tempoUrl, traceId) {
  const response = await fetch(`${tempoUrl}/api/traces/${traceId}`);
  const text = await response.text();
  if (!response.ok) return [];
  return JSON.parse(text).batches.flatMap(
    ({ resource, instrumentationLibrarySpans = [], scopeSpans = [] }) => {
      const attributes = Object.fromEntries(
        (resource.attributes ?? []).map(({ key, value }) => [key, value.stringValue]),
      );
      return [...instrumentationLibrarySpans, ...scopeSpans].flatMap(({ spans }) =>
        spans.map((span) => ({ ...span, resource: attributes })),
      );
    },
  );
}

/**
 * Whether Tempo answers TraceQL, which it has since version 2; the one that can be built from its Go module is 1.5
 * and knows no version of itself.
 */
export async function takesTraceql(tempoUrl) {
  const response = await fetch(`${tempoUrl}/api/status/buildinfo`);
  if (!response.ok) return false;
  const { version } = await response.json();
  return Number(/^v?(\d+)\./.exec(version ?? '')?.[1] ?? 0) >= 2;
}

/** @returns whether a TraceQL query finds a trace. @throws where Tempo does not take the query */
export async function findsTraces(tempoUrl, query, secondsAgo) {
  const end = Math.ceil(Date.now() / 1000);
  const parameters = new URLSearchParams({
    q: query,
    start: String(end - secondsAgo),
    end: String(end),
    limit: '5',
  });
  const response = await fetch(`${tempoUrl}/api/search?${parameters}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.trim().slice(0, 500)}`);
  return (JSON.parse(text).traces ?? []).length > 0;
}
