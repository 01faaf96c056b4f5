import type { Span } from '@opentelemetry/api';
import type { Logger } from 'winston';
import { ObservabilityError } from './errors.js';
import { type Surroundings, startObservability } from './init.js';
import { inertObservability, type Observability } from './observability.js';
import type { ObservabilityOptions } from './options/observability-options.js';
import { sameOptions } from './options/same-options.js';
import { processState } from './process-state.js';
import { serviceLogger } from './service-logger.js';
import { type TracedDecorator, tracedDecorator } from './traces/traced.js';
import { runWithSpan, type SpanOptions } from './traces/with-span.js';

/**
 * Starts observability for this process: traces, metrics and logs from one call. Where the call stands does
 * not matter; one at the top of `main.ts` reads best. A second call returns the first one's handle, and warns
 * if its options differ.
 *
 * @throws {@link ObservabilityError} `OBS_OPTION_UNKNOWN`, `OBS_OPTION_INVALID` or `OBS_PLUGIN_INVALID` for
 * wrong options in code. Nothing else throws: trouble with telemetry never stops a service.
 *
 * @example
 * import { initObservability } from '@throughline/core';
 * import { expressPlugin } from '@throughline/express';
 *
 * export const observability = initObservability({
 *   serviceName: 'orders',
 *   team: 'checkout',
 *   plugins: [expressPlugin()],
 * });
 */
export function initObservability(options: ObservabilityOptions = {}): Observability {
  return initIn({}, options);
}

/** `initObservability` with surroundings of its own; for the `register` entry and for tests. */
export function initIn(surroundings: Surroundings, options: ObservabilityOptions): Observability {
  const state = processState();
  if (state.current) {
    if (!sameOptions(state.current.options, options)) {
      const error = new ObservabilityError('OBS_ALREADY_INITIALIZED');
      logger.warn(error.message, { code: error.code, fix: error.fix });
    }
    return state.current.observability;
  }
  const started = startObservability(options, serviceLogger(), surroundings);
  const observability: Observability = {
    ...started,
    async shutdown(o) {
      await started.shutdown(o);
      // Only now may another call start again.
      if (state.current?.observability === observability) state.current = undefined;
    },
  };
  state.current = { observability, options };
  return observability;
}

/** The current instance; before `initObservability` an inert one whose calls are harmless. */
export function getObservability(): Observability {
  return processState().current?.observability ?? inertObservability(logger);
}

/**
 * The service's winston logger. Usable from any module, before `initObservability` too; its lines carry the
 * identity from then on, and the trace of the request they were written in.
 */
export const logger: Logger = serviceLogger().logger;

/**
 * Runs a function inside a span. The span ends when the function returns, throws, or its promise settles; an
 * error is recorded on it and passed on unchanged.
 *
 * @param name low in cardinality: `charge card`, not `charge card 4711`
 * @throws {@link ObservabilityError} `OBS_WITH_SPAN_INVALID` without a name or a function
 *
 * @example
 * const receipt = await withSpan('charge card', async (span) => {
 *   span.setAttribute('payment.provider', 'acme');
 *   return provider.charge(order);
 * });
 */
export function withSpan<T>(name: string, fn: (span: Span) => T, options?: SpanOptions): T {
  return runWithSpan(getObservability().tracer, name, fn, options);
}

/**
 * Method decorator: runs the method inside a span, as {@link withSpan} does. Works with TC39 decorators and with
 * TypeScript's `experimentalDecorators`.
 *
 * @param name default: class and method, `OrderService.place`; give one where classes are minified
 * @throws {@link ObservabilityError} `OBS_TRACED_INVALID` on something that is no method, when the class is defined
 *
 * @example
 * class OrderService {
 *   @traced()
 *   async place(order: Order) { … }
 * }
 */
export function traced(name?: string, options?: SpanOptions): TracedDecorator {
  return tracedDecorator(() => getObservability().tracer, name, options);
}
