import {
  type MessagingOutcome,
  runInOperation,
  type StartedMessagingOperation,
  tryStart,
} from '@throughline/core/plugin';
import { type BullmqWorker, hasOwnTelemetry, type ReceivedJob } from './internals.js';
import { contextOf } from './job-context.js';
import { type Observation, system } from './observation.js';

/** A processor throws these to put its job aside. BullMQ does not count such a job as failed. */
const putsAside = new Set(['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError']);

/** `Worker.callProcessJob`, which runs the processor: in this process, or in one of its own. */
export function observeWorker(observation: Observation) {
  return (original: BullmqWorker['callProcessJob']): BullmqWorker['callProcessJob'] =>
    function callProcessJob(this: BullmqWorker, job, ...others) {
      const process = () => original.call(this, job, ...others);
      const started =
        observation.isActive() && !hasOwnTelemetry(this)
          ? tryStart(() => startProcess(observation, this.name, job))
          : undefined;
      return started ? runInOperation(started, process, outcomeOf) : process();
    };
}

/** `Worker.run`: what starts a worker ends, and its trace is not to go on with every question for jobs. */
export function observeRun({ messaging, isActive }: Observation) {
  return (original: BullmqWorker['run']): BullmqWorker['run'] =>
    function run(this: BullmqWorker, ...args) {
      const loop = () => original.apply(this, args);
      return isActive() && !hasOwnTelemetry(this) ? messaging.runInContext({}, loop) : loop();
    };
}

function startProcess(
  { messaging, relation }: Observation,
  queue: string,
  job: ReceivedJob,
): StartedMessagingOperation {
  const { id, name } = job;
  const attempt = attemptOf(job);
  const jobName = typeof name === 'string' ? name : '';
  return messaging.startProcess(
    {
      system,
      destination: queue,
      headers: contextOf(job),
      messageId: id,
      timestampMillis: attempt === 1 ? dueMillisOf(job) : undefined,
      attributes: { 'bullmq.job.name': jobName, 'bullmq.job.attempts.made': attempt },
      logFields: { queue, job_id: id ?? '', job_name: jobName, attempt },
    },
    // The trace of what once set up a schedule would never end.
    { relation: isRepeated(job) ? 'link' : relation },
  );
}

/** The number of this attempt, from 1 on. */
function attemptOf({ attemptsMade, attemptsStarted }: ReceivedJob): number {
  const made = typeof attemptsMade === 'number' && attemptsMade >= 0 ? attemptsMade : 0;
  return typeof attemptsStarted === 'number' ? made + 1 : Math.max(1, made);
}

function isRepeated({ repeatJobKey, opts }: ReceivedJob): boolean {
  return Boolean(repeatJobKey ?? opts?.repeat);
}

/** A job that is to be processed later is not late before that. */
function dueMillisOf({ timestamp, opts }: ReceivedJob): number | undefined {
  const addedMillis = Number(timestamp);
  const delayMillis = Number(opts?.delay ?? 0);
  return addedMillis > 0 && delayMillis >= 0 ? addedMillis + delayMillis : undefined;
}

function outcomeOf(error: unknown): MessagingOutcome {
  return isPutAside(error) ? {} : { error };
}

function isPutAside(error: unknown): boolean {
  // Services throw what they like; reading it may throw.
  return (
    tryStart(() => {
      const { name, message } = error as { name?: unknown; message?: unknown };
      return putsAside.has(name as string) || message === 'bullmq:rateLimitExceeded';
    }) ?? false
  );
}
