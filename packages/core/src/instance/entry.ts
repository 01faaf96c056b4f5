import type { Span } from '@opentelemetry/api';
import type { Logger } from 'winston';
import type { AnnotationFields } from '../annotations/annotations.js';
import type { JobOptions } from '../jobs/job.js';
import type { JobFunction } from '../jobs/jobs.js';
import { type ObservedJobDecorator, observedJobDecorator } from '../jobs/observed-job.js';
import { correlateLogger } from '../logs/correlate.js';
import { sdkLineMark } from '../logs/log-record.js';
import { metricDeclarations } from '../metrics/metric-declarations.js';
import type {
  Counter,
  DeclareCounter,
  DeclareGauge,
  DeclareHistogram,
  Gauge,
  Histogram,
} from '../metrics/metric-types.js';
import { ObservabilityError } from '../model/errors.js';
import { type TracedDecorator, tracedDecorator } from '../traces/traced.js';
import { runWithSpan, type WithSpanOptions } from '../traces/with-span.js';
import { startObservability } from './init.js';
import { inertObservability, type Observability } from './observability.js';
import type { ObservabilityOptions } from './observability-options.js';
import { processState } from './process-state.js';
import { applicationMetrics, processJobs, serviceLogger } from './process-wide.js';
import { sameOptions } from './same-options.js';
import { startProbe } from './start-probe.js';
import type { Surroundings } from './surroundings.js';

/**
 * Starts observability for this process: traces, metrics and logs from one call. The call works
 * anywhere; the top of `main.ts` is the clearest place. A second call returns the handle of the first, and warns
 * if its options differ.
 *
 * @throws ObservabilityError `OBS_OPTION_UNKNOWN`, `OBS_OPTION_INVALID` or `OBS_PLUGIN_INVALID` for
 * wrong options in code. Nothing else throws, so telemetry problems never stop a service.
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

/** `initObservability` with a given environment; for the `register` entry and for tests. */
export function initIn(surroundings: Surroundings, options: ObservabilityOptions): Observability {
  const state = processState();
  if (state.current) {
    if (!sameOptions(state.current.options, options)) {
      const error = new ObservabilityError('OBS_ALREADY_INITIALIZED');
      logger.warn(error.message, {
        code: error.code,
        fix: error.fix,
        help: error.help,
        [sdkLineMark]: true,
      });
    }
    return state.current.observability;
  }
  let started: Observability;
  try {
    started = startObservability(options, serviceLogger(), applicationMetrics(), processJobs(), surroundings);
  } catch (error) {
    startProbe()?.failed(error);
    throw error;
  }
  const observability: Observability = {
    ...started,
    async shutdown(o) {
      await started.shutdown(o);
      // Only now may another call start again.
      if (state.current?.observability === observability) state.current = undefined;
    },
  };
  state.current = { observability, options };
  startProbe()?.started(observability);
  return observability;
}

/**
 * The current instance. Before `initObservability`, and after `shutdown`, it is an instance that records nothing. Its
 * methods can still be called.
 *
 * @example
 * process.once('disconnect', () => getObservability().shutdown({ timeoutMillis: 2_000 }));
 */
export function getObservability(): Observability {
  const { current, register } = processState();
  return (
    current?.observability ??
    inertObservability(logger, applicationMetrics(), processJobs(), 'not started', register)
  );
}

/**
 * The service's winston logger. It can be used in any module, also before `initObservability`. Its lines carry the
 * identity after that call, and the trace of the request in which they were written.
 *
 * @example
 * logger.info('order placed', { order: order.id });
 * logger.error('payment failed', error);
 */
export const logger: Logger = serviceLogger().logger;

/**
 * Adds `trace_id`, `span_id` and `trace_flags` to the lines that an existing logger writes inside a request:
 * winston 3 (any format and transport), pino (worker transports too), bunyan, and NestJS's ConsoleLogger or a class
 * derived from it. Loggers of packages in node_modules are found without this call; loggers of bundled packages are not.
 *
 * @returns the same logger
 * @throws ObservabilityError `OBS_LOGGER_UNKNOWN` for anything else
 *
 * @example
 * export const log = correlate(pino());
 */
export function correlate<L>(existingLogger: L): L {
  return correlateLogger(existingLogger);
}

/**
 * Runs a function inside a span. The span ends when the function returns or throws, or when its promise settles. An
 * error is recorded on the span and thrown again unchanged.
 *
 * @param name low in cardinality: `charge card`, not `charge card 4711`
 * @throws ObservabilityError `OBS_WITH_SPAN_INVALID` without a function
 *
 * @example
 * const receipt = await withSpan('charge card', async (span) => {
 *   span.setAttribute('payment.provider', 'acme');
 *   return provider.charge(order);
 * });
 */
export function withSpan<T>(name: string, fn: (span: Span) => T, options?: WithSpanOptions): T {
  return runWithSpan(getObservability().tracer, name, fn, options);
}

/**
 * Method decorator: runs the method inside a span, as {@link withSpan} does. Works with TC39 decorators and with
 * TypeScript's `experimentalDecorators`.
 *
 * @param name default: class and method, `OrderService.place`; give a name if class names are minified
 * @throws ObservabilityError `OBS_TRACED_INVALID` when the class is defined, if the decorator is not on a method
 *
 * @example
 * class OrderService {
 *   @traced()
 *   async place(order: Order) {
 *     return payments.charge(order);
 *   }
 * }
 */
export function traced(name?: string, options?: WithSpanOptions): TracedDecorator {
  return tracedDecorator(() => getObservability().tracer, name, options);
}

/**
 * Observes a job: a task of cron, a batch, or the handler of a queue. Each run of the returned function is a span with a
 * trace of its own, a value of `job_duration_seconds`, and, if it succeeds, the new `job_last_success_timestamp_seconds`. Lines
 * inside carry the trace and `job_name`.
 *
 * It does not run the function. It returns a function with the same parameters, `this`, result and errors, for a
 * scheduler to call. In a script, call it at once. It can be used before `initObservability`: runs are recorded
 * from then on.
 *
 * @param name one fixed name, at most 128 characters: `nightly report`, not `report 2026-11-28`
 * @throws ObservabilityError `OBS_JOB_INVALID` for a wrong name, function or option
 *
 * @example
 * cron.schedule('0 3 * * *', observeJob('nightly report', sendReport, { expectedIntervalSeconds: 86_400 }));
 * await observeJob('import prices', importPrices)(); // a script
 */
export function observeJob<F extends JobFunction>(name: string, fn: F, options?: JobOptions): F {
  return processJobs().observe(name, fn, options);
}

/**
 * Method decorator: observes each call of the method as a run of a job, as {@link observeJob} does. It can be above or below
 * `@Cron()` of NestJS. Works with TC39 decorators and with TypeScript's `experimentalDecorators`.
 *
 * @throws ObservabilityError `OBS_JOB_INVALID` when the class is defined
 *
 * @example
 * class Reports {
 *   @observedJob('nightly report', { expectedIntervalSeconds: 86_400 })
 *   async send() {
 *     await sendReport();
 *   }
 * }
 */
export function observedJob(name: string, options?: JobOptions): ObservedJobDecorator {
  return observedJobDecorator(processJobs(), name, options);
}

/**
 * Adds fields to the span of the current request, message or job, and to its canonical line (`logs.canonicalLine`), wherever in the
 * call tree it is called. Outside of these, the fields go to the active span. Without a span, nothing is recorded. A second value
 * for a name replaces the first. Secrets are redacted.
 *
 * It never throws. What cannot be recorded is reported once and counted in `throughline_rejected_annotations_total`.
 *
 * @param fields texts (cut at 1,024 characters), finite numbers, booleans, dates, or arrays of one of these; at most 64 fields
 *
 * @example
 * annotate({ tenant: account.tenant, 'cart.items': cart.length });
 */
export function annotate(fields: AnnotationFields): void {
  processState().current?.observability.annotate(fields);
}

const declare = metricDeclarations(applicationMetrics);

/**
 * Declares a counter. It appears at `/metrics` with the identity, and its samples carry the active trace as exemplar.
 * It takes the same arguments as prom-client's `Counter` and has the same methods, also with `new`. It can be used at the top of any module, also before
 * `initObservability`. A second declaration with the same name and labels returns the same counter.
 *
 * @throws ObservabilityError `OBS_METRIC_INVALID` for a wrong name or option, `OBS_METRIC_CONFLICT` for a name
 * that another metric already has. Later calls never throw: a value that a counter cannot record is dropped, counted in
 * `throughline_rejected_values_total`, and logged once.
 *
 * @example
 * const placed = counter({ name: 'orders_placed_total', help: 'Orders placed.', labelNames: ['channel'] });
 * placed.inc({ channel: 'web' });
 * placed.labels('app').inc(2);
 */
export const counter: DeclareCounter = declare.counter;
// The type too, so that `import { counter as Counter }` replaces prom-client's class.
export type counter<L extends string = string> = Counter<L>;

/**
 * Declares a gauge: a value that goes up and down. The service sets it, or `collect` sets it at every scrape. It takes the same
 * arguments as prom-client's `Gauge` and has the same methods, also with `new`.
 *
 * @throws as {@link counter} does
 *
 * @example
 * const inFlight = gauge({ name: 'jobs_in_flight', help: 'Jobs that run.' });
 * inFlight.inc();
 * inFlight.dec();
 * gauge({
 *   name: 'queue_depth',
 *   help: 'Jobs that wait.',
 *   collect() {
 *     this.set(queue.length);
 *   },
 * });
 */
export const gauge: DeclareGauge = declare.gauge;
// The type too, so that `import { gauge as Gauge }` replaces prom-client's class.
export type gauge<L extends string = string> = Gauge<L>;

/**
 * Declares a histogram. Each bucket carries the id of a trace that it counted. It takes the same arguments as prom-client's
 * `Histogram` and has the same methods, also with `new`.
 *
 * @throws as {@link counter} does
 *
 * @example
 * const duration = histogram({
 *   name: 'pdf_render_duration_seconds',
 *   help: 'Rendering of one PDF.',
 *   labelNames: ['format', 'result'],
 * });
 * const end = duration.startTimer({ format: 'A4' });
 * await render();
 * end({ result: 'ok' }); // records the seconds since, and returns them
 */
export const histogram: DeclareHistogram = declare.histogram;
// The type too, so that `import { histogram as Histogram }` replaces prom-client's class.
export type histogram<L extends string = string> = Histogram<L>;
