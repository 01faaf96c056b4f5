/*
 * Label matchers of PromQL, LogQL and TraceQL, over the variables of `variables.ts`.
 */

const identity = ['service_name=~"$service"', 'deployment_environment_name=~"$environment"'];

/** Series of the chosen services, environments and instances. */
export function ofInstances(...further: readonly string[]): string {
  return `{${[...identity, 'instance=~"$instance"', ...further].join(',')}}`;
}

/** Series, or log streams, of the chosen services and environments. */
export function ofServices(...further: readonly string[]): string {
  return `{${[...identity, ...further].join(',')}}`;
}

/** Spans of the chosen services and environments. */
export function ofSpans(...further: readonly string[]): string {
  return `{ ${[
    'resource.service.name =~ "$service"',
    'resource.deployment.environment.name =~ "$environment"',
    ...further,
  ].join(' && ')} }`;
}

export const failedRequests = 'http_response_status_code=~"5.."';

/** A rate over the interval that fits the resolution of the panel. */
export function rate(metric: string, matchers: string): string {
  return `rate(${metric}${matchers}[$__rate_interval])`;
}

export function sum(by: readonly string[], inner: string): string {
  return by.length === 0 ? `sum(${inner})` : `sum by (${by.join(', ')}) (${inner})`;
}

/** A percentile of a histogram; `share` is a ratio or a variable. */
export function quantile(
  share: number | string,
  histogram: string,
  matchers: string,
  by: readonly string[] = [],
): string {
  return `histogram_quantile(${share}, ${sum(['le', ...by], rate(`${histogram}_bucket`, matchers))})`;
}

/** The ratio of one rate to another: 0 without failures, no value without any work. */
export function share(part: string, whole: string, by: readonly string[] = []): string {
  const of = sum(by, whole);
  return `(${sum(by, part)} or ${of} * 0) / (${of} > 0)`;
}
