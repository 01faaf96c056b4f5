/**
 * @typedef {object} Span a span of OTLP, with its own attributes and those of its resource by name
 * @property {string} name
 * @property {number | string} kind
 * @property {Readonly<Record<string, string | undefined>>} attributes
 * @property {Readonly<Record<string, string | undefined>>} resource
 */

/*
 * Where traces are asked for: both give `spansOf(traceId)` and `finds(query)`, which takes TraceQL. `finds` rejects
 * where the query is wrong.
 */

/** Tempo, over its HTTP API. */
export function tracesInTempo(tempoUrl, secondsAgo) {
  return {
    name: 'Tempo',
    async spansOf(traceId) {
      const response = await fetch(`${tempoUrl}/api/traces/${traceId}`);
      const text = await response.text();
      return response.ok ? spansOfResources(JSON.parse(text).batches ?? JSON.parse(text).resourceSpans) : [];
    },
    async finds(query) {
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
    },
  };
}

/**
 * Jaeger, over its HTTP API. It does not know TraceQL: `findsSpan` says what a query finds among its spans.
 *
 * @param {string} jaegerUrl
 * @param {number} secondsAgo how far back spans are looked for
 * @param {(query: string, spans: readonly Span[]) => boolean} findsSpan
 */
export function tracesInJaeger(jaegerUrl, secondsAgo, findsSpan) {
  const ask = async (path) => {
    const response = await fetch(`${jaegerUrl}${path}`);
    const text = await response.text();
    // Of no trace at all, too.
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${response.status}: ${text.trim().slice(0, 500)}`);
    return JSON.parse(text);
  };
  const spansOf = async (path) => spansOfResources((await ask(path))?.result.resourceSpans);
  return {
    name: 'Jaeger',
    spansOf: (traceId) => spansOf(`/api/v3/traces/${traceId}`),
    async finds(query) {
      const now = Date.now();
      const { services } = await ask('/api/v3/services');
      const found = await Promise.all(
        services.map((service) => {
          const parameters = new URLSearchParams({
            'query.service_name': service,
            'query.start_time_min': new Date(now - secondsAgo * 1_000).toISOString(),
            'query.start_time_max': new Date(now).toISOString(),
            'query.num_traces': '200',
          });
          return spansOf(`/api/v3/traces?${parameters}`);
        }),
      );
      return findsSpan(query, found.flat());
    },
    /** Who calls whom, counted by Jaeger from the spans. */
    async edges() {
      const { data } = await ask(`/api/dependencies?endTs=${Date.now()}&lookback=${secondsAgo * 1_000}`);
      return data.map(({ parent, child }) => ({ client: parent, server: child }));
    },
  };
}

function spansOfResources(resources = []) {
  return resources.flatMap(({ resource, scopeSpans = [] }) => {
    const ofResource = named(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, attributes: named(span.attributes), resource: ofResource })),
    );
  });
}

function named(attributes = []) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain({ stringValue, intValue, doubleValue, boolValue }) {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? doubleValue ?? boolValue;
}
