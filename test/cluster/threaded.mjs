/* A process with threads, for cluster.test.ts; it takes the same calls as clustered.cjs. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as core from '../../packages/core/dist/index.js';

if (isMainThread) {
  const threads = new Map();
  if (process.env.PRIMARY_WITHOUT !== 'true') await instrumented().ready;
  process.on('message', async ({ call, worker, value }) => {
    if (worker !== undefined) threads.get(worker).postMessage({ call, worker, value });
    else if (call === 'fork') {
      const thread = new Worker(new URL(import.meta.url));
      thread.on('message', (message) => process.send(message));
      const id = thread.threadId;
      thread.on('exit', () => process.send({ exit: id }));
      threads.set(id, thread);
      process.send({ call, result: id });
    } else process.send({ call, result: await threads.get(value.id).terminate() });
  });
  process.send({ up: true });
} else {
  const { threadId } = await import('node:worker_threads');
  await instrumented().ready;
  const jobs = core.counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['kind'] });
  parentPort.on('message', (message) => {
    for (let i = 0; i < message.value; i++) jobs.inc({ kind: 'mail' });
    parentPort.postMessage({ ...message, result: null });
  });
  parentPort.postMessage({ call: 'ready', worker: threadId });
}

function instrumented() {
  return core.initObservability({ serviceName: 'threaded', traces: { exporter: 'none' } });
}
