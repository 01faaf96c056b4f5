/** The parts of BullMQ 3 to 6 that the patches rely on. */

/** What BullMQ stores with a job for telemetry, since version 5.25. Earlier versions store it as they are given it. */
export interface TelemetryOptions {
  /** The context of the producer, as text. */
  readonly metadata?: unknown;
  /** The service wants no context in its jobs. */
  readonly omitContext?: unknown;
}

export interface JobOptions {
  readonly telemetry?: TelemetryOptions | undefined;
  readonly delay?: unknown;
  readonly repeat?: unknown;
}

/** A job as a worker hands it to its processor. */
export interface ReceivedJob {
  readonly id?: string | undefined;
  readonly name?: unknown;
  readonly opts?: (JobOptions & { readonly tm?: unknown }) | undefined;
  /** When it was added, in milliseconds since 1970. */
  readonly timestamp?: unknown;
  /** Up to BullMQ 4 the attempt that runs is counted, since 5 it is not. */
  readonly attemptsMade?: unknown;
  /** Since BullMQ 5. */
  readonly attemptsStarted?: unknown;
  /** Set for jobs of a scheduler, and for repeatable ones. */
  readonly repeatJobKey?: unknown;
}

/** A job as the service describes it to `addBulk`. */
export interface AddedJob {
  readonly name?: unknown;
  readonly opts?: JobOptions | undefined;
}

/** A job of a flow as the service describes it, with the jobs that it waits for. */
export interface FlowNode extends AddedJob {
  readonly queueName: string;
  readonly children?: readonly FlowNode[] | undefined;
}

interface ConfiguredClient {
  /** `telemetry` if the service has set BullMQ's own. */
  readonly opts?: { readonly telemetry?: unknown } | undefined;
}

export interface BullmqQueue extends ConfiguredClient {
  readonly name: string;
  add(name: string, data: unknown, opts?: JobOptions): Promise<AddedJobId | undefined>;
  addBulk(jobs: readonly AddedJob[]): Promise<unknown>;
}

/** Since BullMQ 5.16. */
export interface SchedulingQueue extends BullmqQueue {
  upsertJobScheduler(id: string, repeat: unknown, template?: AddedJob): Promise<AddedJobId | undefined>;
}

export interface AddedJobId {
  readonly id?: string | undefined;
}

export interface BullmqFlowProducer extends ConfiguredClient {
  add(flow: FlowNode, ...others: unknown[]): Promise<unknown>;
  addBulk(flows: readonly FlowNode[], ...others: unknown[]): Promise<unknown>;
}

export interface BullmqWorker extends ConfiguredClient {
  readonly name: string;
  callProcessJob(job: ReceivedJob, ...others: unknown[]): unknown;
  /** The loop that asks Redis for jobs; it ends when the worker is closed. */
  run(...args: unknown[]): unknown;
}

/** A job that a worker sends to another process. */
export interface SandboxedJob {
  asJSONSandbox(): { readonly opts?: JobOptions | undefined };
}

/** Runs the processor in another process or thread. */
export interface ChildProcessor {
  start(job: ReceivedJob & { readonly queueName?: unknown }, ...others: unknown[]): Promise<unknown>;
}

/** Whether the service has given a queue or worker BullMQ's own telemetry, which then records its jobs. */
export function hasOwnTelemetry(client: ConfiguredClient): boolean {
  return client.opts?.telemetry !== undefined && client.opts.telemetry !== null;
}
