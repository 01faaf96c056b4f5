import type { Attributes } from '@opentelemetry/api';
import { type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import { routePattern } from '../model/route-pattern.js';

/** The sampler for the request that a new trace begins with; undefined if no route matches. */
export type RouteSamplers = (attributes: Attributes) => Sampler | undefined;

/**
 * The framework finds the route after the trace has begun, so its pattern is matched against the path. The first route
 * that matches decides.
 */
export function routeSamplers(ratios: Readonly<Record<string, number>>): RouteSamplers {
  const rules = Object.entries(ratios).map(([route, ratio]) => ({
    ...routePattern(route),
    sampler: new TraceIdRatioBasedSampler(ratio),
  }));
  return (attributes) => {
    const requestPath = attributes['url.path'];
    if (typeof requestPath !== 'string') return undefined;
    const requestMethod = attributes['http.request.method'];
    return rules.find(
      ({ method, path }) => (method === undefined || method === requestMethod) && path.test(requestPath),
    )?.sampler;
  };
}
