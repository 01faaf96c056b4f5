import { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { RouteRatios } from '../options/sampling-options.js';
import { type TailObserver, TailSampler, type TailSettings } from '../recorder/tail/tail-sampler.js';
import { rateLimit } from '../timing/rate-limit.js';
import { type AdjustableSampler, createSampler } from './sampler.js';

/** Which traces are recorded: decided when they begin, and for some of the others when they end. */
export interface Sampling {
  readonly sampler: AdjustableSampler;
  readonly tail: TailSampler;
  setTail(settings: Partial<TailSettings>): void;
  setRouteRatios(ratios: RouteRatios): void;
  /** Limits new traces, and as many that are kept at their end; undefined removes the limit. */
  setMaxTracesPerSecond(perSecond: number | undefined): void;
}

export function createSampling(
  options: ResolvedOptions['traces'],
  observer: () => TailObserver,
  report: (error: ObservabilityError) => void,
): Sampling {
  const sampler = createSampler(options.sampler, options.samplingRatio);
  const tail = new TailSampler(options.held, {
    decided: (result) => observer().decided(result),
    dropped: (spans) => observer().dropped(spans),
  });
  const complainUnlessByTrace = (name: string) => {
    if (!sampler.decidesByTrace) report(withoutEffect(name));
  };
  const sampling: Sampling = {
    sampler,
    tail,
    setTail(settings) {
      tail.change(settings);
      // Present from the start, so that a rate is right from the first trace on.
      if (tail.isOn) observer();
    },
    setRouteRatios(ratios) {
      sampler.setRouteRatios(ratios);
      if (Object.keys(ratios).length > 0) complainUnlessByTrace('routeRatios');
    },
    setMaxTracesPerSecond(perSecond) {
      if (perSecond !== undefined) complainUnlessByTrace('maxTracesPerSecond');
      sampler.limit(perSecond === undefined ? undefined : rateLimit(perSecond));
      tail.limit(perSecond === undefined ? undefined : rateLimit(perSecond));
    },
  };
  const { keepErrors, keepSlowerThanMillis, routeRatios, maxTracesPerSecond } = options;
  if (options.exporter !== 'none') sampling.setTail({ keepErrors, keepSlowerThanMillis });
  sampling.setRouteRatios(routeRatios);
  sampling.setMaxTracesPerSecond(maxTracesPerSecond);
  return sampling;
}

function withoutEffect(name: string): ObservabilityError {
  return new ObservabilityError(
    'OBS_OPTION_INVALID',
    `traces.${name} has no effect on new traces: traces.sampler decides about every span separately.`,
    { fix: "Remove traces.sampler (OTEL_TRACES_SAMPLER), or set it to 'parentbased_traceidratio'." },
  );
}
