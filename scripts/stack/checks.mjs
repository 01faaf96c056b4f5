import { stackFile } from './configuration.mjs';
import {
  fixedVariables,
  queriedVariables,
  queriesOf,
  rateInterval,
  readDashboards,
  withVariables,
} from './dashboard-queries.mjs';
import { Empty } from './empty.mjs';

/*
 * What is checked on the running stack. A check gives the names of things that hold; it throws for what does not.
 */

/**
 * Every variable and query of every dashboard.
 *
 * @param traces where TraceQL is asked: see traces.mjs
 */
export async function checksOfDashboards(queries, traces) {
  const checks = [];
  for (const dashboard of readDashboards()) {
    const chosen = await chooseValues(dashboard, queries, checks);
    for (const query of queriesOf(dashboard)) {
      checks.push({
        group: `dashboard ${dashboard.title}`,
        name: `${query.panel}: ${query.expr}`,
        run: () => runPanelQuery(query, chosen, { queries, traces }),
        query,
      });
      if (query.hasExemplars) {
        checks.push({
          group: `dashboard ${dashboard.title}`,
          name: `${query.panel}: exemplars of ${query.expr}`,
          run: () =>
            someOf(chosen, async (values) => {
              const found = await queries.exemplars(withVariables(query.expr, values));
              return found.some(({ traceId }) => /^[0-9a-f]{32}$/.test(traceId ?? ''));
            }),
          query,
        });
      }
    }
  }
  return checks;
}

/**
 * The sets of values that a dashboard is asked with: "All" where there is such a thing, else each value in turn.
 */
async function chooseValues(dashboard, queries, checks) {
  let sets = [fixedVariables(dashboard)];
  for (const { name, metric, label, isSingle, allValue } of queriedVariables(dashboard)) {
    const next = [];
    let found = 0;
    for (const set of sets) {
      const values = await queries.labelValues(withVariables(metric, set), label);
      found += values.length;
      if (isSingle) next.push(...values.map((value) => ({ ...set, [name]: value })));
      else next.push({ ...set, [name]: allValue });
    }
    checks.push({
      group: `dashboard ${dashboard.title}`,
      name: `variable ${name}: label_values(${metric}, ${label})`,
      run: async () => {
        if (found === 0) throw new Empty();
      },
    });
    sets = next;
  }
  return sets;
}

function runPanelQuery(query, chosen, { queries, traces }) {
  switch (query.language) {
    case 'promql':
      return someOf(chosen, async (values) => {
        const expr = withVariables(query.expr, values);
        return showsAll(query.labels, await queries.promql(expr, { isInstant: query.isInstant }));
      });
    case 'logql':
      return someOf(chosen, async (values) => {
        const found = await queries.logql(withVariables(query.expr, values));
        return showsAll(
          query.labels,
          found.map(({ metric, stream }) => metric ?? stream),
        );
      });
    case 'traceql':
      return someOf(chosen, (values) => traces.finds(withVariables(query.expr, values)));
    case 'service graph':
      return someOf(chosen, (values) => serviceGraph(withVariables(query.expr, values), { queries, traces }));
    default:
      throw new Error(`no way to run ${query.language}`);
  }
}

/** Whether there is something, and of every label that the panel shows a value. */
function showsAll(labels, found) {
  return found.length > 0 && labels.every((label) => found.some((series) => series[label]));
}

/**
 * What Grafana asks Prometheus for, to draw Tempo's service graph. Tempo makes these metrics; without it the queries
 * are executed and find nothing, and Jaeger must see callers and called in the same spans.
 */
async function serviceGraph(filter, { queries, traces }) {
  for (const metric of [
    'traces_service_graph_request_total',
    'traces_service_graph_request_server_seconds_sum',
    'traces_service_graph_request_failed_total',
  ]) {
    const matchers = filter === '{}' ? '' : filter;
    const edges = await queries.promql(
      `sum by (client, server) (rate(${metric}${matchers}[${rateInterval}]))`,
    );
    if (!traces.edges && !showsAll(['client', 'server'], edges)) return false;
  }
  return !traces.edges || showsAll(['client', 'server'], await traces.edges());
}

/** Runs for each set of values; all must run, and for one at least there must be data. */
async function someOf(sets, run) {
  let hasData = false;
  for (const values of sets) hasData = (await run(values)) || hasData;
  if (!hasData) throw new Empty();
}

/** Every expression of every rule, and what Prometheus itself says of the rules. */
export async function checksOfRules(queries, files) {
  const checks = [];
  for (const file of files) {
    for (const { rules } of stackFile(`prometheus/rules/${file}`).groups) {
      for (const rule of rules) {
        const group = `rules ${file}`;
        if (rule.record) {
          checks.push({
            group,
            name: `${rule.record}: ${rule.expr}`,
            run: async () => {
              await notEmpty(queries.promql(rule.expr, { isInstant: true }));
              // `… or … * 0` has a result even if its first side has none. In an objective that is on purpose: what
              // it counts as bad may never happen.
              if (file !== 'slo.yaml') await seriesAreThere(rule.expr, queries);
            },
            query: rule,
          });
          continue;
        }
        checks.push({
          group,
          name: `alert ${rule.alert}: ${rule.expr}`,
          // Nothing is wrong, so nothing comes back: each series that it looks at has to be there instead.
          run: async () => {
            await queries.promql(rule.expr, { isInstant: true });
            await seriesAreThere(rule.expr, queries);
          },
          query: rule,
        });
      }
    }
  }
  checks.push({
    group: 'rules',
    name: 'Prometheus evaluates all of them without an error',
    run: async () => {
      const broken = (await queries.rules()).filter(({ health }) => health !== 'ok');
      if (broken.length > 0)
        throw new Empty(broken.map(({ name, lastError }) => `${name}: ${lastError}`).join('; '));
    },
  });
  return checks;
}

/** @throws where a selector of an expression finds no series */
async function seriesAreThere(expr, queries) {
  for (const selector of await queries.selectors(expr)) {
    const found = await queries.promql(`count(${selector})`, { isInstant: true });
    if (found.length === 0) throw new Empty(selector);
  }
}

/** The checkout of the shop fails all the time, which its objective does not allow. */
export function checksOfAlerts(queries, pager) {
  const group = 'alerts';
  const checks = [
    {
      group,
      name: 'the budget that the failing checkout burns pages, with the team that is to hear of it',
      run: () =>
        notEmpty(
          queries.promql(
            'ALERTS{alertname="SloErrorBudgetBurn",alertstate="firing",severity="page",team="storefront",slo="availability"}',
            { isInstant: true },
          ),
        ),
    },
  ];
  if (!pager) return checks;
  checks.push({
    group,
    name: 'Alertmanager notifies the pager of that team only, with a link to the runbook',
    run: async () => {
      const pages = pager
        .received()
        .filter(({ labels }) => labels.alertname === 'SloErrorBudgetBurn' && labels.severity === 'page');
      if (pages.length === 0) throw new Empty();
      for (const { receiver, labels, annotations } of pages) {
        if (receiver !== `${labels.team}-page`) throw new Error(`${receiver} was told of ${labels.team}`);
        if (!annotations.runbook_url?.includes('/d/throughline-runbooks?viewPanel='))
          throw new Error(`the link is ${annotations.runbook_url}`);
      }
    },
  });
  return checks;
}

export async function notEmpty(answer) {
  if ((await answer).length === 0) throw new Empty();
}
