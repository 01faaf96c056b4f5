import { exported, exportedPrototype, type MessagingOperations, patchOnce } from '@throughline/core/plugin';
import { observeFlowProducer } from './add-flows.js';
import { observeQueue } from './add-jobs.js';
import type {
  BullmqFlowProducer,
  BullmqWorker,
  ChildProcessor,
  SandboxedJob,
  SchedulingQueue,
} from './internals.js';
import type { Observation } from './observation.js';
import { observeRun, observeWorker } from './process-jobs.js';
import { continueContext, sendContext } from './separate-processes.js';

type Recording = Omit<Observation, 'isActive'> & { readonly messaging: MessagingOperations };

/** Methods of prototypes: queues and workers that were made before are observed too. */
export function patchBullmq(moduleExports: unknown, recording: Recording): () => void {
  const queue = exportedPrototype(moduleExports, 'Queue') as SchedulingQueue;
  return patchOnce(queue, 'bullmq', (patch) => {
    const observation: Observation = { ...recording, isActive: () => patch.active };
    const { add, addBulk, upsertJobScheduler } = observeQueue(observation);
    patch.replace(queue, 'add', add);
    patch.replace(queue, 'addBulk', addBulk);
    if (typeof queue.upsertJobScheduler === 'function') {
      patch.replace(queue, 'upsertJobScheduler', upsertJobScheduler);
    }
    const worker = exportedPrototype(moduleExports, 'Worker') as BullmqWorker;
    patch.replace(worker, 'callProcessJob', observeWorker(observation));
    patch.replace(worker, 'run', observeRun(observation));
    const flowProducer = exportedPrototype(moduleExports, 'FlowProducer') as BullmqFlowProducer;
    const flows = observeFlowProducer(observation);
    patch.replace(flowProducer, 'add', flows.add);
    patch.replace(flowProducer, 'addBulk', flows.addBulk);
    const job = exportedPrototype(moduleExports, 'Job') as SandboxedJob;
    patch.replace(job, 'asJSONSandbox', sendContext(observation));
    if (exported(moduleExports, 'ChildProcessor') !== undefined) {
      patch.onUndo(patchChildProcessor(moduleExports, recording));
    }
  });
}

/** In the process that BullMQ starts for a processor, its main file need not be loaded. */
export function patchChildProcessor(moduleExports: unknown, recording: Recording): () => void {
  const child = exportedPrototype(moduleExports, 'ChildProcessor') as ChildProcessor;
  return patchOnce(child, 'bullmq', (patch) => {
    patch.replace(child, 'start', continueContext({ ...recording, isActive: () => patch.active }));
  });
}
