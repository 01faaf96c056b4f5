import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { type UnitOfWork, withUnitOfWork } from '../annotations/unit-of-work.js';
import { withContextFields } from '../context/context-fields.js';
import { noteError } from '../context/error-context.js';
import { errorType, recordError } from '../model/foreign-error.js';
import { followCall } from '../patching/follow-promise.js';
import type { Job, JobOptions } from './job.js';
import type { JobMetrics, JobOutcome } from './job-metrics.js';

type Call = (args: readonly unknown[]) => unknown;

/** Records the runs of jobs for one instance. */
export interface JobRecorder {
  /** There is a job: its metrics are to be served, also before its first run. */
  prepare(): void;
  run(job: Job, name: string, options: JobOptions, call: Call, args: readonly unknown[]): unknown;
  /** The process ends now: runs that have not ended are reported as interrupted. */
  interrupt(): void;
}

export interface JobRecorderParts {
  readonly tracer: Tracer;
  /** Asked for with the first job: a service without jobs has no metrics of them. */
  readonly metrics: () => JobMetrics;
  readonly canonicalLine: WriteCanonicalLine | undefined;
}

export function createJobRecorder(parts: JobRecorderParts): JobRecorder {
  const running = new Set<JobRun>();
  return {
    prepare: () => void parts.metrics(),
    run(job, name, options, call, args) {
      const surrounding = context.active();
      if (isTracingSuppressed(surrounding)) return call(args);
      let run: JobRun;
      try {
        run = new JobRun(parts, running, job, name, options, surrounding);
      } catch {
        return call(args);
      }
      const finish = (error?: unknown) => run.fail(error);
      if (options.callback) {
        const observed = withCallback(args, (failed, error) => (failed ? finish(error) : run.succeed()));
        if (observed) {
          return followCall(
            () => context.with(run.context, call, undefined, observed),
            () => {},
            finish,
          );
        }
      }
      return followCall(
        () => context.with(run.context, call, undefined, args),
        () => run.succeed(),
        finish,
      );
    },
    interrupt() {
      for (const run of [...running]) run.interrupt();
    },
  };
}

/** One run of a job. */
class JobRun {
  readonly context: Context;
  private readonly span: Span;
  private readonly work: UnitOfWork;
  private readonly startMillis = performance.now();

  constructor(
    private readonly parts: JobRecorderParts,
    private readonly running: Set<JobRun>,
    private readonly job: Job,
    private readonly name: string,
    { root = true, attributes }: JobOptions,
    surrounding: Context,
  ) {
    const around = trace.getSpanContext(surrounding);
    const base = root ? withoutTrace(surrounding) : surrounding;
    const all: Attributes = { ...attributes, 'job.name': name };
    const links = root && around && trace.isSpanContextValid(around) ? [{ context: around }] : [];
    this.span = parts.tracer.startSpan(job.label, { kind: SpanKind.INTERNAL, attributes: all, links }, base);
    this.work = { span: this.span };
    this.context = withUnitOfWork(
      withContextFields(trace.setSpan(base, this.span), { job_name: name }),
      this.work,
    );
    if (job.activeRuns > 0) parts.metrics().overlapped(job);
    job.activeRuns++;
    running.add(this);
  }

  succeed(): void {
    if (!this.running.has(this)) return;
    this.job.lastSuccessSeconds = Date.now() / 1000;
    this.end('success', undefined);
  }

  fail(error: unknown): void {
    if (!this.running.has(this)) return;
    noteError(error, this.context);
    recordError(this.span, error);
    this.end('failure', errorType(error));
  }

  interrupt(): void {
    if (!this.running.has(this)) return;
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: 'The process ended before the job.' });
    this.end('interrupted', undefined);
  }

  private end(outcome: JobOutcome, type: string | undefined): void {
    this.running.delete(this);
    this.work.isOver = true;
    const { job, span, name, parts } = this;
    job.activeRuns--;
    const durationSeconds = (performance.now() - this.startMillis) / 1000;
    span.setAttribute('job.outcome', outcome);
    span.end();
    parts.metrics().ended(job, outcome, type, durationSeconds, span);
    parts.canonicalLine?.({
      event: 'job.run',
      level: outcome === 'success' ? 'info' : 'error',
      message: `job ${name} ${outcome}`,
      fields: { job_name: name, job_outcome: outcome, error_type: type },
      durationSeconds,
      work: this.work,
      context: this.context,
    });
  }
}

/** A new trace does not carry the baggage of the one around it either. */
function withoutTrace(surrounding: Context): Context {
  const base = trace.deleteSpan(surrounding);
  return propagation.getBaggage(base) ? propagation.deleteBaggage(base) : base;
}

/** The arguments with an observed callback at their end; undefined if there is none. */
function withCallback(
  args: readonly unknown[],
  ended: (failed: boolean, error: unknown) => void,
): readonly unknown[] | undefined {
  const callback = args.at(-1);
  if (typeof callback !== 'function') return undefined;
  const observed = function (this: unknown, ...results: unknown[]) {
    const [error] = results;
    try {
      ended(error !== undefined && error !== null, error);
    } catch {
      // The callback of the service is called in any case.
    }
    return Reflect.apply(callback, this, results);
  };
  return [...args.slice(0, -1), observed];
}
