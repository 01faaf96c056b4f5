import type { Attributes } from '@opentelemetry/api';
import { ObservabilityError } from '../model/errors.js';
import { checkMembers } from '../model/object-check.js';

/** How `observeJob` records the runs of a job; all optional. */
export interface JobOptions {
  /**
   * Longest usual time from one success to the next, in seconds: 86,400 for a nightly job. The alert `JobOverdue` compares
   * the last success with it. Default: none, and the alert does not apply.
   */
  readonly expectedIntervalSeconds?: number;
  /**
   * Whether each run starts a new trace, linked to the span around it. With false a run is a child of that span, which
   * suits a job that a request or a message starts. Default: true.
   */
  readonly root?: boolean;
  /**
   * Whether the last argument is a Node-style callback, as in `agenda.define(name, (job, done) => …)`. The run then ends when
   * the function calls it; a first argument that is not null or undefined is the error. Default: false.
   */
  readonly callback?: boolean;
  /** Attributes of the span of every run. Default: none. */
  readonly attributes?: Attributes;
}

/** A job of this process, and what its metrics need. */
export interface Job {
  readonly name: string;
  /** The value of the label `job_name`. */
  readonly label: string;
  readonly observedSinceSeconds: number;
  expectedIntervalSeconds: number | undefined;
  activeRuns: number;
  lastSuccessSeconds: number | undefined;
}

/** More jobs than a service has; names beyond that are most likely made of ids. */
const maxJobs = 200;
const maxNameLength = 128;
/** Label of all jobs beyond the limit, as the semantic conventions call the rest. */
const otherJobs = '_OTHER';

/** The jobs of a process, by their name. Their number is bounded. */
export class JobList {
  private readonly byName = new Map<string, Job>();
  private other: Job | undefined;

  /** @param overflowed called when a name is the first beyond the limit */
  constructor(private readonly overflowed: (name: string) => void) {}

  get isAny(): boolean {
    return this.byName.size > 0;
  }

  all(): Iterable<Job> {
    return this.other ? [...this.byName.values(), this.other] : this.byName.values();
  }

  of(name: string): Job {
    const known = this.byName.get(name);
    if (known) return known;
    if (this.byName.size < maxJobs) {
      const job = newJob(name, name);
      this.byName.set(name, job);
      return job;
    }
    if (!this.other) {
      this.other = newJob(otherJobs, otherJobs);
      this.overflowed(name);
    }
    return this.other;
  }
}

function newJob(name: string, label: string): Job {
  return {
    name,
    label,
    observedSinceSeconds: Date.now() / 1000,
    expectedIntervalSeconds: undefined,
    activeRuns: 0,
    lastSuccessSeconds: undefined,
  };
}

/** @throws ObservabilityError `OBS_JOB_INVALID` */
export function checkJobName(name: unknown): string {
  if (typeof name !== 'string') throw invalid(`the name is ${kindOf(name)}, not a text`);
  if (name === '' || name.trim() !== name) {
    throw invalid(`the name '${name}' is empty, or begins or ends with a space`);
  }
  if (name.length > maxNameLength) {
    throw invalid(`the name has ${name.length} characters; at most ${maxNameLength} are allowed`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break lines and labels
  if (/[\u0000-\u001F\u007F\u2028\u2029]/.test(name)) throw invalid('the name has a control character');
  return name;
}

const optionNames = ['expectedIntervalSeconds', 'root', 'callback', 'attributes'] as const;

/** @throws ObservabilityError `OBS_JOB_INVALID` */
export function checkJobOptions(options: unknown): JobOptions {
  if (options === undefined) return {};
  const members = checkMembers(options, 'the third argument', optionNames, invalid);
  const { expectedIntervalSeconds: seconds, attributes } = members;
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds))) {
    throw invalid('expectedIntervalSeconds takes a number of seconds above 0');
  }
  for (const name of ['root', 'callback'] as const) {
    const value = members[name];
    if (value !== undefined && typeof value !== 'boolean') throw invalid(`${name} takes true or false`);
  }
  if (attributes !== undefined && (typeof attributes !== 'object' || attributes === null)) {
    throw invalid('attributes takes an object');
  }
  return members as JobOptions;
}

/** @throws ObservabilityError `OBS_JOB_INVALID` */
export function checkJobFunction<F>(fn: F): F {
  if (typeof fn === 'function') return fn;
  const detail = `the second argument is ${kindOf(fn)}, not a function`;
  // A call in place of the function: observeJob('x', run()).
  throw invalid(fn instanceof Promise ? `${detail}; pass the function itself, do not call it` : detail);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Promise) return 'a promise';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function invalid(detail: string): ObservabilityError {
  return new ObservabilityError('OBS_JOB_INVALID', `observeJob cannot be used this way: ${detail}.`);
}
