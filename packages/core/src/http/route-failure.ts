import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';

/** Reports the first time that a plugin fails to name the route of a request. It would fail for every request. */
export function reportRouteFailure(report: (error: ObservabilityError) => void): (error: unknown) => void {
  let isReported = false;
  return (cause) => {
    if (isReported) return;
    isReported = true;
    report(
      new ObservabilityError(
        'OBS_ROUTE_NOT_RECORDED',
        `A plugin failed while it looked for the route of a request: ${errorReason(cause)}. Its requests have no route.`,
        { cause, fix: 'Update the plugin, and report the error to its author.' },
      ),
    );
  };
}
