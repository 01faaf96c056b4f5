import { followCall, type StartedMessagingOperation, tryStart } from '@throughline/core/plugin';
import {
  type AddedJob,
  type AddedJobId,
  type BullmqQueue,
  hasOwnTelemetry,
  type JobOptions,
  type SchedulingQueue,
} from './internals.js';
import { type OutgoingJob, outgoing } from './job-context.js';
import { type Observation, system } from './observation.js';

/** A send of one or more jobs to a queue. */
export interface PreparedSend<J extends AddedJob> {
  readonly operation: StartedMessagingOperation;
  readonly jobs: readonly J[];
}

/** Undefined if nothing is to be recorded. */
export function prepareSend<J extends AddedJob>(
  { messaging }: Observation,
  queue: string,
  given: readonly J[],
): PreparedSend<J> {
  const jobs: readonly OutgoingJob<J>[] = given.map(outgoing);
  const [first] = given;
  const name = given.length === 1 && typeof first?.name === 'string' ? first.name : undefined;
  const operation = messaging.startSend({
    system,
    destination: queue,
    count: given.length,
    headers: jobs.map(({ headers }) => headers),
    attributes: name === undefined ? undefined : { 'bullmq.job.name': name },
  });
  return { operation, jobs: jobs.map((job) => job.withContext()) };
}

/** `Queue.add`, `addBulk` and `upsertJobScheduler`. What they return and throw stays as it is. */
export function observeQueue(observation: Observation) {
  const prepare = <J extends AddedJob>(queue: BullmqQueue, read: () => readonly J[]) =>
    observation.isActive() && !hasOwnTelemetry(queue)
      ? tryStart(() => {
          const jobs = read();
          return jobs.length > 0 ? prepareSend(observation, queue.name, jobs) : undefined;
        })
      : undefined;
  return {
    add: (original: BullmqQueue['add']): BullmqQueue['add'] =>
      function add(this: BullmqQueue, name, data, opts, ...others: []) {
        const send = prepare(this, () => [{ name, opts: objectOrNothing(opts) }]);
        if (!send) return original.call(this, name, data, opts, ...others);
        return follow(send.operation, () =>
          original.call(this, name, data, send.jobs[0]?.opts ?? opts, ...others),
        );
      },
    addBulk: (original: BullmqQueue['addBulk']): BullmqQueue['addBulk'] =>
      function addBulk(this: BullmqQueue, jobs, ...others: []) {
        const send = prepare(this, () => jobs);
        if (!send) return original.call(this, jobs, ...others);
        return follow(send.operation, () => original.call(this, send.jobs, ...others));
      },
    upsertJobScheduler: (
      original: SchedulingQueue['upsertJobScheduler'],
    ): SchedulingQueue['upsertJobScheduler'] =>
      function upsertJobScheduler(this: SchedulingQueue, id, repeat, template, ...others: []) {
        const send = prepare(this, () => [template ?? {}]);
        if (!send) return original.call(this, id, repeat, template, ...others);
        return follow(send.operation, () => original.call(this, id, repeat, send.jobs[0], ...others));
      },
  };
}

/** BullMQ refuses options that are not an object by itself. */
function objectOrNothing(opts: unknown): JobOptions | undefined {
  if (opts === undefined || opts === null) return undefined;
  if (typeof opts !== 'object') throw new TypeError('options must be an object');
  return opts as JobOptions;
}

function follow<T extends Promise<unknown>>(operation: StartedMessagingOperation, send: () => T): T {
  return followCall(
    () => operation.run(send),
    (result) => {
      const id = (result as AddedJobId | undefined)?.id;
      operation.end(typeof id === 'string' ? { attributes: { 'messaging.message.id': id } } : {});
    },
    (error) => operation.end({ error }),
  );
}
