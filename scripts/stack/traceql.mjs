import { parser } from '@grafana/lezer-traceql';

/** @throws for a query that TraceQL's published grammar does not take */
export function checkTraceql(query) {
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) {
        throw new Error(
          `TraceQL does not parse at character ${from}: ${query.slice(from, Math.max(to, from + 20))}`,
        );
      }
    },
  });
}
