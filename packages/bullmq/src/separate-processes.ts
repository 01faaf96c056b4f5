import { tryStart } from '@throughline/core/plugin';
import type { ChildProcessor, SandboxedJob } from './internals.js';
import { contextOf } from './job-context.js';
import type { Observation } from './observation.js';

/*
 * Processors in a file of their own run in another process, or in a thread. The worker records span and metrics. It sends
 * its span's context along with the job; where Throughline runs in the other process too, log lines and calls there are
 * below that span.
 */

/** `Job.asJSONSandbox`: what the worker sends to the other process. */
export function sendContext({ messaging, isActive }: Observation) {
  return (original: SandboxedJob['asJSONSandbox']): SandboxedJob['asJSONSandbox'] =>
    function asJSONSandbox(this: SandboxedJob, ...others: []) {
      const json = original.apply(this, others);
      const withContext = isActive()
        ? tryStart(() => {
            const headers: Record<string, unknown> = {};
            messaging.injectHeaders(headers);
            if (Object.keys(headers).length === 0 || typeof json.opts !== 'object') return json;
            const telemetry = { ...json.opts.telemetry, metadata: JSON.stringify(headers) };
            return { ...json, opts: { ...json.opts, telemetry } };
          })
        : undefined;
      return withContext ?? json;
    };
}

/** `ChildProcessor.start`: what the other process does with a job. */
export function continueContext({ messaging, isActive }: Observation) {
  return (original: ChildProcessor['start']): ChildProcessor['start'] =>
    function start(this: ChildProcessor, job, ...others) {
      const process = () => original.call(this, job, ...others);
      const message = isActive()
        ? tryStart(() => {
            const { id, name, queueName } = job;
            return {
              headers: contextOf(job),
              logFields: { queue: String(queueName ?? ''), job_id: id ?? '', job_name: String(name) },
            };
          })
        : undefined;
      return message ? messaging.runInContext(message, process) : process();
    };
}
