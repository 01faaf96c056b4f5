import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { prometheus } from './sources.js';

/*
 * The filters of a dashboard: the labels that Throughline puts on every series and log line.
 */

export type Source = 'prometheus' | 'loki' | 'tempo';

export function dataSource(name: Source): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(name)
    .label(name[0]?.toUpperCase() + name.slice(1))
    .type(name)
    .current({ text: name, value: name });
}

/** The values of a label, from the series that match the filters before it. */
export function labelValues(
  name: string,
  text: string,
  options: {
    readonly metric: string;
    readonly label: string;
    readonly single?: boolean;
    readonly all?: string;
  },
): QueryVariableBuilder {
  const query = `label_values(${options.metric}, ${options.label})`;
  const variable = new QueryVariableBuilder(name)
    .label(text)
    .datasource(prometheus)
    .query({ qryType: 1, query, refId: `Variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
  if (options.single) return variable;
  return variable
    .multi(true)
    .includeAll(true)
    .allValue(options.all ?? '.*')
    .current({ text: 'All', value: '$__all' });
}

const info = 'throughline_info';

export const environment = () =>
  labelValues('environment', 'Environment', { metric: info, label: 'deployment_environment_name' });

export const team = () =>
  labelValues('team', 'Team', {
    metric: `${info}{deployment_environment_name=~"$environment"}`,
    label: 'team',
  });

export const service = (options: { readonly single?: boolean } = {}) =>
  labelValues('service', 'Service', {
    metric: `${info}{deployment_environment_name=~"$environment"}`,
    label: 'service_name',
    // A selector must not match the empty value.
    all: '.+',
    ...options,
  });

/** For a dashboard that shows all environments side by side. */
export const serviceOfAnyEnvironment = () =>
  labelValues('service', 'Service', { metric: info, label: 'service_name', single: true });

export const instance = () =>
  labelValues('instance', 'Instance', {
    metric: `${info}{deployment_environment_name=~"$environment",service_name=~"$service"}`,
    label: 'instance',
  });

export function textBox(name: string, text: string, initial = ''): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(name).label(text).defaultValue(initial);
}

/** A choice of percentiles, as a ratio. */
export function percentile(): CustomVariableBuilder {
  return new CustomVariableBuilder('percentile')
    .label('Percentile')
    .values('p50 : 0.5,p90 : 0.9,p95 : 0.95,p99 : 0.99')
    .current({ text: 'p95', value: '0.95' });
}
