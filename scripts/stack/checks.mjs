import { stackFile } from './configuration.mjs';
import {
  fixedVariables,
  queriedVariables,
  queriesOf,
  readDashboards,
  withVariables,
} from './dashboard-queries.mjs';
import { checkTraceql } from './traceql.mjs';

/*
 * What is checked on the running stack. A check gives the names of things that hold; it throws for what does not.
 */

export class Empty extends Error {}

/** Every variable and query of every dashboard. */
export async function checksOfDashboards(queries) {
  const checks = [];
  for (const dashboard of readDashboards()) {
    const chosen = await chooseValues(dashboard, queries, checks);
    for (const query of queriesOf(dashboard)) {
      checks.push({
        group: `dashboard ${dashboard.title}`,
        name: `${query.panel}: ${query.expr}`,
        run: () => runPanelQuery(query, chosen, queries),
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

function runPanelQuery(query, chosen, queries) {
  switch (query.language) {
    case 'promql':
      return someOf(chosen, (values) =>
        queries.promql(withVariables(query.expr, values), { isInstant: query.isInstant }),
      );
    case 'logql':
      return someOf(
        chosen,
        async (values) => (await queries.logql(withVariables(query.expr, values))).length > 0,
      );
    case 'traceql':
      return someOf(chosen, async (values) => {
        checkTraceql(withVariables(query.expr, values));
        return true;
      });
    case 'service graph':
      return someOf(chosen, (values) => serviceGraph(withVariables(query.expr, values), queries));
    default:
      throw new Error(`no way to run ${query.language}`);
  }
}

/** What Grafana asks Prometheus for, to draw Tempo's service graph. */
async function serviceGraph(filter, queries) {
  for (const metric of [
    'traces_service_graph_request_total',
    'traces_service_graph_request_server_seconds_sum',
    'traces_service_graph_request_failed_total',
  ]) {
    const matchers = filter === '{}' ? '' : filter;
    if (!(await queries.promql(`sum by (client, server) (rate(${metric}${matchers}[1m]))`))) return false;
  }
  return true;
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
            run: () => notEmpty(queries.promql(rule.expr, { isInstant: true })),
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
            for (const selector of await queries.selectors(rule.expr)) {
              if (!(await queries.promql(`count(${selector})`, { isInstant: true })))
                throw new Empty(selector);
            }
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
  checks.push({
    group: 'rules',
    name: 'the budget that the failing checkout burns pages, with the team that is to hear of it',
    run: () =>
      notEmpty(
        queries.promql(
          'ALERTS{alertname="SloErrorBudgetBurn",alertstate="firing",severity="page",team="storefront",slo="availability"}',
          { isInstant: true },
        ),
      ),
  });
  return checks;
}

export async function notEmpty(answer) {
  if (!(await answer)) throw new Empty();
}
