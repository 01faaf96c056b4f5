import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { dataSource, type Source } from './variables.js';

const tag = 'throughline';

/** The parts that all dashboards share: a fixed uid for links, the data sources, and a menu of the other dashboards. */
export function dashboard(options: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly sources: readonly Source[];
  /** A Prometheus or Grafana duration. */
  readonly from?: string;
}): DashboardBuilder {
  const built = new DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags([tag])
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: options.from ?? 'now-1h', to: 'now' })
    .refresh('30s')
    .editable()
    .link(
      new DashboardLinkBuilder('Throughline')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
  for (const source of options.sources) built.withVariable(dataSource(source));
  return built;
}
