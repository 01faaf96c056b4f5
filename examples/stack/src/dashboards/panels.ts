import {
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsPanel } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import { PanelBuilder as NodeGraphPanel } from '@grafana/grafana-foundation-sdk/nodegraph';
import {
  DataqueryBuilder as PrometheusQuery,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { SearchTableType, DataqueryBuilder as TempoQuery } from '@grafana/grafana-foundation-sdk/tempo';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { loki, prometheus, tempo } from './sources.js';

/** A query, and the legend of its series, for example `{{http_route}}`. */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
  /** Shows exemplars as dots that link to a trace. */
  readonly exemplars?: boolean;
}

interface Common {
  readonly title: string;
  readonly description?: string;
  /** Width in columns; a dashboard has 24. */
  readonly width?: number;
  /** https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
  readonly unit?: string;
}

const letters = 'ABCDEFGHIJ';
const letter = (index: number) => letters[index] as string;

export interface SeriesPanel extends Common {
  readonly queries: readonly Query[];
  readonly stacked?: boolean;
  readonly max?: number;
  readonly links?: readonly DashboardLinkBuilder[];
}

/** A time series panel of PromQL queries. */
export function series(panel: SeriesPanel): TimeseriesPanel {
  return timeseries(
    panel,
    panel.queries.map(({ expr, legend, exemplars }, index) =>
      new PrometheusQuery()
        .refId(letter(index))
        .datasource(prometheus)
        .expr(expr)
        .legendFormat(legend ?? '__auto')
        .exemplar(exemplars ?? false)
        .range(),
    ),
  ).datasource(prometheus);
}

/** A time series panel that counts log lines. */
export function logSeries(panel: SeriesPanel): TimeseriesPanel {
  return timeseries(
    panel,
    panel.queries.map(({ expr, legend }, index) =>
      new LokiQuery()
        .refId(letter(index))
        .datasource(loki)
        .expr(expr)
        .legendFormat(legend ?? '')
        .queryType('range'),
    ),
  ).datasource(loki);
}

function timeseries(
  { title, description, width = 12, unit = 'short', stacked = false, max, links = [] }: SeriesPanel,
  targets: Parameters<TimeseriesPanel['targets']>[0],
): TimeseriesPanel {
  const built = new TimeseriesPanel()
    .title(title)
    .span(width)
    .height(8)
    .unit(unit)
    .min(0)
    .targets(targets)
    .links([...links])
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(stacked ? 40 : 10)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(['mean', 'max', 'lastNotNull'])
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) built.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (max !== undefined) built.max(max);
  if (description !== undefined) built.description(description);
  return built;
}

export interface NumberPanel extends Common {
  readonly expr: string;
  readonly legend?: string;
  /** Green below the first value, amber up to the second, red above. */
  readonly thresholds?: readonly [number, number];
  readonly decimals?: number;
  /** Higher values are better. */
  readonly rising?: boolean;
}

/** A single value, with a sparkline. */
export function figure(panel: NumberPanel): StatPanel {
  const { title, description, width = 4, unit = 'short', expr, legend, thresholds, decimals, rising } = panel;
  const built = new StatPanel()
    .title(title)
    .span(width)
    .height(4)
    .unit(unit)
    .datasource(prometheus)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .targets([
      new PrometheusQuery()
        .refId('A')
        .datasource(prometheus)
        .expr(expr)
        .legendFormat(legend ?? '__auto')
        .range(),
    ])
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(thresholds, rising)));
  if (description !== undefined) built.description(description);
  if (decimals !== undefined) built.decimals(decimals);
  return built;
}

function steps(thresholds: readonly [number, number] | undefined, rising = false): Threshold[] {
  const [worst, best] = rising ? ['red', 'green'] : ['green', 'red'];
  const first = { value: null, color: thresholds ? worst : 'blue' } as Threshold;
  if (!thresholds) return [first];
  return [
    first,
    { value: thresholds[0], color: 'orange' },
    { value: thresholds[1], color: best },
  ] as Threshold[];
}

export interface TablePanelOptions extends Common {
  /** Instant queries, one column each; each set of labels is a row. */
  readonly columns: readonly { readonly expr: string; readonly title: string; readonly unit?: string }[];
  /** The labels to show, with their headings, in this order. */
  readonly labels: Readonly<Record<string, string>>;
  readonly height?: number;
  /** Turns the cells of a label into links. */
  readonly link?: { readonly column: string; readonly url: string; readonly title: string };
}

/** A table of PromQL queries, with a row for each set of labels. */
export function table(panel: TablePanelOptions): TablePanel {
  const { title, description, width = 12, height = 8, columns, labels, link } = panel;
  const valueName = (index: number) => (columns.length === 1 ? 'Value' : `Value #${letter(index)}`);
  const built = new TablePanel()
    .title(title)
    .span(width)
    .height(height)
    .datasource(prometheus)
    .targets(
      columns.map(({ expr }, index) =>
        new PrometheusQuery()
          .refId(letter(index))
          .datasource(prometheus)
          .expr(expr)
          .instant()
          .format(PromQueryFormat.Table),
      ),
    )
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(
            [...Object.keys(labels), ...columns.map((_, i) => valueName(i))].map((n, i) => [n, i]),
          ),
          renameByName: {
            ...labels,
            ...Object.fromEntries(columns.map((column, index) => [valueName(index), column.title])),
          },
        },
      },
    ]);
  if (description !== undefined) built.description(description);
  for (const column of columns) {
    if (column.unit !== undefined) built.overrideByName(column.title, [{ id: 'unit', value: column.unit }]);
  }
  if (link) {
    built.overrideByName(link.column, [{ id: 'links', value: [{ title: link.title, url: link.url }] }]);
  }
  return built;
}

/** Log lines, the newest first. */
export function lines(panel: Common & { readonly expr: string; readonly height?: number }): LogsPanel {
  const { title, description, width = 24, expr, height = 10 } = panel;
  const built = new LogsPanel()
    .title(title)
    .span(width)
    .height(height)
    .datasource(loki)
    .targets([new LokiQuery().refId('A').datasource(loki).expr(expr).queryType('range').maxLines(200)])
    .showTime(true)
    .enableLogDetails(true)
    .wrapLogMessage(true)
    .sortOrder(LogsSortOrder.Descending);
  if (description !== undefined) built.description(description);
  return built;
}

/** Traces found by TraceQL. Each row opens its trace. */
export function traces(panel: Common & { readonly query: string }): TablePanel {
  const { title, description, width = 12, query } = panel;
  const built = new TablePanel()
    .title(title)
    .span(width)
    .height(8)
    .datasource(tempo)
    .targets([
      new TempoQuery()
        .refId('A')
        .datasource(tempo)
        .queryType('traceql')
        .query(query)
        .limit(20)
        .tableType(SearchTableType.Traces),
    ]);
  if (description !== undefined) built.description(description);
  return built;
}

/** The calls between services, from the metrics that Tempo generates from spans. */
export function serviceGraph(panel: Common & { readonly filter: string }): NodeGraphPanel {
  return new NodeGraphPanel()
    .title(panel.title)
    .span(panel.width ?? 24)
    .height(12)
    .datasource(tempo)
    .targets([
      new TempoQuery().refId('A').datasource(tempo).queryType('serviceMap').serviceMapQuery(panel.filter),
    ]);
}

/** A link to another of these dashboards, for the same service, environment and time. */
export function linkTo(title: string, uid: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .url(`/d/${uid}?\${service:queryparam}&\${environment:queryparam}&\${__url_time_range}`);
}
