import { workerData } from 'node:worker_threads';

/** What this thread, one customer, shares with the main thread: a status that it waits for, and the end of the load. */
export const slots = { status: 0, isOver: 1, none: -1 };

export const customer = {
  shared: workerData ? new Int32Array(workerData.shared) : undefined,
  slots,
  /** @type {Map<string, { name: string, passes: number, fails: number }>} */
  checks: new Map(),
};
