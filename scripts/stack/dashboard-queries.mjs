import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stack } from './configuration.mjs';

/** Every dashboard, as Grafana is given it. */
export function readDashboards() {
  const folder = join(stack, 'grafana/dashboards');
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Panels, those inside of rows too. */
export function panelsOf(dashboard) {
  return dashboard.panels.flatMap((panel) =>
    panel.type === 'row' ? [panel, ...(panel.panels ?? [])] : [panel],
  );
}

/**
 * Every query of a dashboard's panels.
 *
 * @returns {{ dashboard: string, panel: string, language: 'promql' | 'logql' | 'traceql' | 'service graph',
 *   expr: string, labels: string[], isInstant: boolean, hasExemplars: boolean }[]} `labels` is what the panel shows of
 *   the series: in its legend, or as columns
 */
export function queriesOf(dashboard) {
  return panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({
      dashboard: dashboard.uid,
      panel: panel.title,
      language: languageOf(target),
      expr: target.expr ?? target.query ?? target.serviceMapQuery,
      labels: [...labelsOfLegend(target.legendFormat), ...labelsOfTable(panel)],
      isInstant: target.instant === true && target.range !== true,
      hasExemplars: target.exemplar === true,
    })),
  );
}

function labelsOfLegend(legend = '') {
  return [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label);
}

function labelsOfTable({ type, transformations = [] }) {
  if (type !== 'table') return [];
  const names = transformations.flatMap(({ options }) => Object.keys(options.renameByName ?? {}));
  return names.filter((name) => !/^(Time|Value( #\w)?)$/.test(name));
}

function languageOf({ datasource, queryType }) {
  switch (datasource.type) {
    case 'prometheus':
      return 'promql';
    case 'loki':
      return 'logql';
    case 'tempo':
      return queryType === 'serviceMap' ? 'service graph' : 'traceql';
    default:
      throw new Error(`no query language for a data source of type ${datasource.type}`);
  }
}

/**
 * The variables that are filled by a query: `label_values(metric, label)`.
 *
 * @returns {{ name: string, metric: string, label: string, isSingle: boolean, allValue?: string }[]}
 */
export function queriedVariables(dashboard) {
  return (dashboard.templating?.list ?? [])
    .filter(({ type }) => type === 'query')
    .map(({ name, query, multi, allValue }) => {
      const parts = /^label_values\((.*), (\w+)\)$/s.exec(query.query);
      if (!parts) throw new Error(`variable ${name} of ${dashboard.uid} is not filled by label_values`);
      return { name, metric: parts[1], label: parts[2], isSingle: !multi, allValue };
    });
}

/** The variables that have a value from the start: text boxes and choices. */
export function fixedVariables(dashboard) {
  return Object.fromEntries(
    (dashboard.templating?.list ?? [])
      .filter(({ type }) => type === 'textbox' || type === 'custom')
      .map(({ name, type, query, current }) => [name, type === 'textbox' ? (query ?? '') : current.value]),
  );
}

/** What Grafana makes of a scrape every 15 seconds: four times that. */
export const rateInterval = '1m';
const builtInVariables = { __rate_interval: rateInterval, __range: '2m', __interval: '10s', __auto: '30s' };

/** A query with the values of its variables. @throws for a variable that has none */
export function withVariables(expr, values) {
  return expr.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (_, braced, plain) => {
    const name = braced ?? plain;
    const value = builtInVariables[name] ?? values[name];
    if (value === undefined) throw new Error(`$${name} has no value`);
    return value;
  });
}
