import { ObservabilityError } from '../model/errors.js';
import {
  checkJobFunction,
  checkJobName,
  checkJobOptions,
  type Job,
  JobList,
  type JobOptions,
} from './job.js';
import type { JobRecorder } from './job-recorder.js';
import { observedFunction } from './observed-function.js';

/** Any function that a scheduler or a queue calls. */
export type JobFunction = (...args: never[]) => unknown;

/** The jobs of the process. They outlive an instance: a job may be declared before `initObservability`. */
export class Jobs {
  private recorder: JobRecorder | undefined;
  private report: ((error: ObservabilityError) => void) | undefined;
  private unreported: ObservabilityError | undefined;
  private readonly list = new JobList((name) => this.overflowed(name));

  /** Iterates over the jobs that are known at that time. */
  readonly known: Iterable<Job> = { [Symbol.iterator]: () => this.list.all()[Symbol.iterator]() };

  /** An instance starts to record the runs; `undefined`: it is over. */
  connect(recorder: JobRecorder | undefined, report?: (error: ObservabilityError) => void): void {
    this.recorder = recorder;
    this.report = report;
    if (this.list.isAny) recorder?.prepare();
    if (report && this.unreported) {
      report(this.unreported);
      this.unreported = undefined;
    }
  }

  /** The function, observed. */
  observe<F extends JobFunction>(name: string, fn: F, options?: JobOptions): F {
    checkJobName(name);
    checkJobFunction(fn);
    const checked = checkJobOptions(options);
    const job = this.list.of(name);
    if (checked.expectedIntervalSeconds !== undefined && job.name === name) {
      job.expectedIntervalSeconds = checked.expectedIntervalSeconds;
    }
    this.recorder?.prepare();
    return observedFunction(fn, (call, args) => {
      const { recorder } = this;
      return recorder ? recorder.run(job, name, checked, call, args) : call(args);
    });
  }

  private overflowed(name: string): void {
    const error = new ObservabilityError(
      'OBS_JOB_NAMES_MANY',
      `observeJob was called with more than 200 names; '${name}' is the first that is recorded as '_OTHER'.`,
    );
    if (this.report) this.report(error);
    else this.unreported = error;
  }
}
