import { findLogRecords } from '../../testbed/src/victorialogs.mjs';
import { stackFile } from './configuration.mjs';
import { Empty } from './empty.mjs';
import { asLokiHasIt, readLogql, runLogql, UnknownLabel } from './logql.mjs';

const timeoutMillis = 30_000;

/**
 * Asks Prometheus and Loki over their HTTP APIs, as Grafana does.
 *
 * @param {{ prometheusUrl: string, lokiUrl?: string, victoriaLogsUrl?: string }} addresses without Loki, LogQL is asked
 *   of what arrived in VictoriaLogs: see logql.mjs
 */
export function backendQueries({ prometheusUrl, lokiUrl, victoriaLogsUrl }) {
  const state = { executed: 0, different: new Set() };
  const fromSecondsAgo = 150;

  async function ask(url, parameters) {
    state.executed++;
    if (parameters.query) state.different.add(parameters.query);
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) query.set(name, String(value));
    const response = await fetch(`${url}?${query}`, { signal: AbortSignal.timeout(timeoutMillis) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text.trim().slice(0, 500)}`);
    return JSON.parse(text).data;
  }

  const nowSeconds = () => Date.now() / 1000;
  const withNumbers = ({ resultType, result }) => {
    if (resultType === 'scalar') return [{ metric: {} }];
    return result.filter(({ values, value }) => (values ?? [value]).some(([, number]) => number !== 'NaN'));
  };

  /** Many queries are asked at once; they look at the same records. */
  let arrived = { atMillis: 0, records: Promise.resolve([]) };
  async function logqlOfArrived(expr) {
    state.executed++;
    state.different.add(expr);
    const query = readLogql(expr);
    const id = query.filters.find(
      ({ label, operator, value }) => label === 'trace_id' && operator === '=' && value,
    );
    const ask = (logsql) =>
      findLogRecords(victoriaLogsUrl, logsql, { limit: 20_000, start: `${fromSecondsAgo}s` });
    if (!id && Date.now() - arrived.atMillis > 2_000) arrived = { atMillis: Date.now(), records: ask('*') };
    const records = await (id ? ask(`trace_id:=${JSON.stringify(id.value)}`) : arrived.records);
    const { otlp_config } = stackFile('loki/loki.yaml').limits_config;
    try {
      return runLogql(
        query,
        records.map((record) => asLokiHasIt(record, otlp_config)),
      );
    } catch (error) {
      if (error instanceof UnknownLabel) throw new Empty(error.message);
      throw error;
    }
  }

  return {
    /** How far queries over time look back. */
    secondsAgo: fromSecondsAgo,

    /** How many queries were sent, and how many different ones. */
    counts: () => ({ executed: state.executed, different: state.different.size }),

    /** @returns the labels of each series that has a number */
    async promql(expr, { isInstant = false } = {}) {
      const end = nowSeconds();
      const data = isInstant
        ? await ask(`${prometheusUrl}/api/v1/query`, { query: expr })
        : await ask(`${prometheusUrl}/api/v1/query_range`, {
            query: expr,
            start: end - fromSecondsAgo,
            end,
            step: 5,
          });
      return withNumbers(data).map(({ metric }) => metric);
    },

    /** @returns the ids of the traces that the exemplars of a query name */
    async exemplars(expr) {
      const end = nowSeconds();
      const found = await ask(`${prometheusUrl}/api/v1/query_exemplars`, {
        query: expr,
        start: end - fromSecondsAgo,
        end,
      });
      return found.flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, value }) => ({
          traceId: labels.trace_id,
          value: Number(value),
          seriesLabels,
        })),
      );
    },

    labelValues: (metric, label) =>
      ask(`${prometheusUrl}/api/v1/label/${label}/values`, { 'match[]': metric }),

    /** The selectors of an expression, such as `up{job="a"}`. */
    async selectors(expr) {
      const found = new Set();
      walk(await ask(`${prometheusUrl}/api/v1/parse_query`, { query: expr }), (node) => {
        if (node.type !== 'vectorSelector' && node.type !== 'matrixSelector') return;
        const matchers = node.matchers.map(
          ({ name, type, value }) => `${name}${type}${JSON.stringify(value)}`,
        );
        found.add(`{${matchers.join(',')}}`);
      });
      return [...found];
    },

    rules: async () => (await ask(`${prometheusUrl}/api/v1/rules`, {})).groups.flatMap(({ rules }) => rules),

    /** @returns streams with their lines, or series */
    async logql(expr) {
      if (!lokiUrl) return logqlOfArrived(expr);
      const end = nowSeconds();
      const { result } = await ask(`${lokiUrl}/loki/api/v1/query_range`, {
        query: expr,
        start: Math.floor((end - fromSecondsAgo) * 1e9),
        end: Math.floor((end + 5) * 1e9),
        limit: 100,
        ...(/^\s*(sum|count|rate|topk)\b/.test(expr) ? { step: 10 } : {}),
      });
      return result;
    },
  };
}

function walk(node, visit) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') visit(node);
  for (const value of Object.values(node)) walk(value, visit);
}
