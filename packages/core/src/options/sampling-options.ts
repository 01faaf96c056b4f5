import { routePattern } from '../model/route-pattern.js';
import {
  checkBoolean,
  checkNumber,
  group,
  millisLimits,
  option,
  parseBoolean,
  parseList,
  parseNumber,
} from './option.js';

const ratioLimits = { min: 0, max: 1 };
export const checkRatio = checkNumber(ratioLimits);
export const parseRatio = parseNumber(ratioLimits);

const rateLimits = { min: 0.001, max: 1_000_000 };
const maxRoutes = 100;

const parseRate = parseNumber(rateLimits);
export const checkMillis = checkNumber(millisLimits);
export const checkRate = checkNumber(rateLimits);

export type RouteRatios = Readonly<Record<string, number>>;

export function checkRouteRatios(value: unknown): RouteRatios {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error("takes an object of routes and ratios, such as { 'GET /reports/*': 0.1 }");
  }
  const entries = Object.entries(value);
  if (entries.length > maxRoutes) throw new Error(`takes at most ${maxRoutes} routes`);
  for (const [route, ratio] of entries) {
    routePattern(route);
    try {
      checkRatio(ratio);
    } catch (error) {
      throw new Error(`takes ratios, but that of '${route}' ${(error as Error).message}`);
    }
  }
  return value as RouteRatios;
}

function parseRouteRatios(text: string): RouteRatios {
  const entries = parseList(text).map((entry) => {
    const equals = entry.lastIndexOf('=');
    if (equals === -1) throw new Error(`takes route=ratio pairs separated by commas, but one has no '='`);
    return [entry.slice(0, equals).trim(), parseRatio(entry.slice(equals + 1))] as const;
  });
  return checkRouteRatios(Object.fromEntries(entries));
}

/** Options of sampling in addition to the sampler and its ratio; members of `traces`. */
export const samplingOptions = {
  routeRatios: option({
    type: 'Readonly<Record<string, number>>',
    description:
      "Shares of new traces by route, instead of `samplingRatio`: `{ '/checkout': 1, 'GET /reports/*': 0.01 }`. The pattern is matched against the path of the request, because the route is not known when a trace begins. `:id` and `{id}` match one segment, `*` at the end matches everything. The first route that matches decides. Works with the `parentbased` samplers.",
    fallback: {} as RouteRatios,
    fallbackText: 'none',
    environment: [
      {
        name: 'THROUGHLINE_TRACES_ROUTE_RATIOS',
        parse: parseRouteRatios,
        note: '`route=ratio` pairs separated by commas',
      },
    ],
    parse: checkRouteRatios,
  }),
  maxTracesPerSecond: option({
    type: 'number',
    description:
      'Maximum number of new traces per second that are recorded by this process. Traces that a caller began are not limited. Traces kept by `keepErrors` and `keepSlowerThanMillis` have a second limit of the same size, so that neither takes the place of the other. Works with the `parentbased` samplers.',
    fallbackText: 'no limit',
    environment: [{ name: 'THROUGHLINE_TRACES_MAX_PER_SECOND', parse: parseRate }],
    parse: checkRate,
  }),
  keepErrors: option({
    type: 'boolean',
    description:
      'Whether traces that the sampler does not take are kept if a span of this process fails. All spans that this process has of the trace are exported, those before the failure included. Services that are called decide for themselves.',
    fallback: false,
    environment: [{ name: 'THROUGHLINE_TRACES_KEEP_ERRORS', parse: parseBoolean }],
    parse: checkBoolean,
  }),
  keepSlowerThanMillis: option({
    type: 'number',
    description:
      'Traces that the sampler does not take are kept if a span of this process takes at least this long, in milliseconds. All spans that this process has of the trace are exported.',
    fallbackText: 'off',
    environment: [{ name: 'THROUGHLINE_TRACES_KEEP_SLOWER_THAN', parse: parseNumber(millisLimits) }],
    parse: checkMillis,
  }),
  held: group(
    'Bounds of the memory in which traces wait until `keepErrors` and `keepSlowerThanMillis` decide. When it is full, the oldest trace is dropped, or kept if it is slow already. Counted in `throughline_held_traces_total`.',
    {
      maxTraces: option({
        type: 'number',
        description: 'Maximum number of traces that wait at a time. A request in progress is one.',
        fallback: 5_000,
        parse: checkNumber({ min: 1, max: 1_000_000, integer: true }),
      }),
      maxSpansPerTrace: option({
        type: 'number',
        description:
          'Maximum number of finished spans that wait per trace. Spans beyond it are dropped; if the trace is kept, they are counted.',
        fallback: 1_000,
        parse: checkNumber({ min: 1, max: 1_000_000, integer: true }),
      }),
      maxBytes: option({
        type: 'number',
        description:
          'Maximum memory of all finished spans that wait, in bytes (approximate). One trace gets a quarter of it.',
        fallback: 16_777_216,
        parse: checkNumber({ min: 65_536, max: 1_073_741_824, integer: true }),
      }),
    },
  ),
};
