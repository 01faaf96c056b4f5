import { Empty, notEmpty } from './checks.mjs';
import { stackFile } from './configuration.mjs';

/*
 * The links between data sources, followed as Grafana follows them: from an exemplar to its trace, from the trace to
 * its log lines and metrics, from a line back to the trace.
 */

/** Checks, in the order of a person's way through them; each takes up what the one before has found. */
export function checksOfLinks({ queries, urls, logLines, zipkinUrl }) {
  const { datasources } = stackFile('grafana/provisioning/datasources/throughline.yaml');
  const settings = (uid) => datasources.find((source) => source.uid === uid).jsonData;
  const group = 'links between data sources';
  const way = {};
  const [exemplarLink] = settings('prometheus').exemplarTraceIdDestinations;
  const { tracesToLogsV2, tracesToMetrics } = settings('tempo');

  return [
    {
      group,
      name: 'exemplar → trace: Tempo has the trace of an exemplar, through gateway, product and views',
      run: async () => {
        const found = await queries.exemplars(
          'http_server_request_duration_seconds_bucket{service_name="gateway",http_route="/shop/products/:id"}',
        );
        for (const { traceId } of found.reverse()) {
          const spans = await traceSpans(urls.tempo, traceId);
          const services = new Set(spans.map(({ resource }) => resource['service.name']));
          if (!['gateway', 'product', 'views'].every((service) => services.has(service))) continue;
          Object.assign(way, { traceId, spans });
          return;
        }
        throw new Empty(`none of ${found.length} exemplars`);
      },
    },
    {
      group,
      name: `exemplar → trace: the label is ${exemplarLink.name}, and leads to ${exemplarLink.datasourceUid}`,
      run: async () => {
        if (exemplarLink.name !== 'trace_id' || exemplarLink.datasourceUid !== 'tempo')
          throw new Error('it does not');
      },
    },
    {
      group,
      name: `trace → logs: ${tracesToLogsV2.query}`,
      run: async () => {
        const query = unescaped(tracesToLogsV2.query).replace(/\$\{__trace\.traceId\}/, way.traceId);
        const streams = await queries.logql(query);
        const services = new Set(streams.map(({ stream }) => stream.service_name));
        if (!services.has('gateway') || !services.has('product')) throw new Empty([...services].join(', '));
        way.stream = streams[0].stream;
      },
    },
    ...tracesToMetrics.queries.map(({ name, query }) => ({
      group,
      name: `trace → metrics, ${name}: ${query}`,
      run: async () => {
        const { resource } = way.spans.find((span) => span.resource['service.name'] === 'gateway');
        const tags = tracesToMetrics.tags.map(({ key, value }) => `${value}="${resource[key]}"`).join(', ');
        const expr = unescaped(query).replaceAll('$__tags', tags).replaceAll('$__rate_interval', '30s');
        await notEmpty(queries.promql(expr));
      },
    })),
    ...settings('loki').derivedFields.map(({ name, matcherType, matcherRegex }) => ({
      group,
      name: `log → trace, ${name}: ${matcherType ?? 'regex'} ${matcherRegex}`,
      run: async () => {
        const id =
          matcherType === 'label'
            ? way.stream?.[matcherRegex]
            : firstMatch(new RegExp(matcherRegex), await logLines());
        if (!id) throw new Empty('no trace id');
        if ((await traceSpans(urls.tempo, id)).length === 0) throw new Empty(`no trace ${id}`);
      },
    })),
    {
      group,
      name: 'Tempo takes spans of Zipkin clients',
      run: async () => {
        const traceId = '5af7183fb1d4cf5f0123456789abcdef';
        const timestamp = Date.now() * 1000;
        const response = await fetch(`${zipkinUrl}/api/v2/spans`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([
            {
              traceId,
              id: '6b221d5bc9e6496c',
              name: 'get',
              timestamp,
              duration: 1000,
              localEndpoint: { serviceName: 'old' },
            },
          ]),
        });
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
        if ((await traceSpans(urls.tempo, traceId)).length === 0)
          throw new Empty('the trace is not there yet');
      },
    },
  ];
}

/** In a provisioning file, `$$` is `$`. */
function unescaped(text) {
  return text.replaceAll('$$', '$');
}

function firstMatch(pattern, lines) {
  for (const line of lines.toReversed?.() ?? [...lines].reverse()) {
    const match = pattern.exec(line);
    if (match) return match[1];
  }
  return undefined;
}

/** @returns the spans of a trace, with the attributes of their resource; none where there is no such trace */
async function traceSpans(tempoUrl, traceId) {
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
