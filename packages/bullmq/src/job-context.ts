import type { MessageHeaders } from '@throughline/core/plugin';
import type { AddedJob, JobOptions, ReceivedJob } from './internals.js';

/** Far above any trace context. */
const maxMetadataLength = 16_384;

/**
 * The context that a job carries. BullMQ's own field for it is used, in the format of bullmq-otel: so a trace goes on
 * where one side uses that.
 */
export function contextOf(job: ReceivedJob): MessageHeaders | undefined {
  const { opts } = job;
  // A version that knows the field writes it as `tm`, which earlier ones do not translate back.
  return headersIn(opts?.telemetry?.metadata ?? opts?.tm);
}

/** Anybody who can write to Redis may have written this. */
function headersIn(metadata: unknown): Record<string, unknown> | undefined {
  if (typeof metadata !== 'string' || metadata.length > maxMetadataLength) return undefined;
  try {
    const parsed: unknown = JSON.parse(metadata);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A job that is being added: the headers that a send writes to, and the options with what it wrote. */
export interface OutgoingJob<J extends AddedJob> {
  readonly headers: Record<string, unknown>;
  /** A copy of the job with the context. The job of the service is not changed. */
  withContext(): J;
}

export function outgoing<J extends AddedJob>(job: J): OutgoingJob<J> {
  const { opts } = job;
  const headers = { ...headersIn(opts?.telemetry?.metadata) };
  return {
    headers,
    withContext: () => copyWith(job, { opts: optionsWith(opts, headers) } as Partial<J>),
  };
}

function optionsWith(opts: JobOptions | undefined, headers: Record<string, unknown>): JobOptions | undefined {
  const { telemetry } = opts ?? {};
  const isSet = telemetry?.metadata !== undefined && telemetry.metadata !== null;
  if (isSet || telemetry?.omitContext || Object.keys(headers).length === 0) return opts;
  return { ...opts, telemetry: { ...telemetry, metadata: JSON.stringify(headers) } };
}

/** What a class of the service's defines is found through the original. */
export function copyWith<O extends object>(original: O, changed: Partial<O>): O {
  const prototype = Object.getPrototypeOf(original);
  if (prototype === Object.prototype || prototype === null) return { ...original, ...changed };
  const descriptors = Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [name, { value, enumerable: true, writable: true }]),
  );
  return Object.create(original, descriptors);
}
