import { notEmpty } from './checks.mjs';
import { stackFile } from './configuration.mjs';
import { rateInterval } from './dashboard-queries.mjs';
import { Empty } from './empty.mjs';

/*
 * The links between data sources, followed as Grafana follows them: from an exemplar to its trace, from the trace to
 * its log lines and metrics, from a line back to the trace.
 */

/** Checks, in the order of a person's way through them; each takes up what the one before has found. */
export function checksOfLinks({ queries, traces, logLines }) {
  const { datasources } = stackFile('grafana/provisioning/datasources/throughline.yaml');
  const settings = (uid) => datasources.find((source) => source.uid === uid).jsonData;
  const group = 'links between data sources';
  const way = {};
  const [exemplarLink] = settings('prometheus').exemplarTraceIdDestinations;
  const { tracesToLogsV2, tracesToMetrics } = settings('tempo');

  return [
    {
      group,
      name: `exemplar → trace: ${traces.name} has the trace of an exemplar, through gateway, product and views`,
      run: async () => {
        const found = await queries.exemplars(
          'http_server_request_duration_seconds_bucket{service_name="gateway",http_route="/shop/products/:id"}',
        );
        for (const { traceId } of found.reverse()) {
          const spans = await traces.spansOf(traceId);
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
        const expr = unescaped(query)
          .replaceAll('$__tags', tags)
          .replaceAll('$__rate_interval', rateInterval);
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
            : firstMatch(new RegExp(matcherRegex), logLines());
        if (!id) throw new Empty('no trace id');
        if ((await traces.spansOf(id)).length === 0) throw new Empty(`no trace ${id}`);
      },
    })),
  ];
}

/** In a provisioning file, `$$` is `$`. */
function unescaped(text) {
  return text.replaceAll('$$', '$');
}

function firstMatch(pattern, lines) {
  for (const line of [...lines].reverse()) {
    const match = pattern.exec(line);
    if (match) return match[1];
  }
  return undefined;
}
