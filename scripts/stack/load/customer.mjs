/*
 * One customer: runs the script's default function, round after round, until the load is over.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { customer } from './customer-state.mjs';

Object.assign(globalThis, { __ENV: workerData.environment, __VU: workerData.number, __ITER: 0 });
const { shared, slots, checks } = customer;
const { default: round } = await import(workerData.script);
do {
  round();
  globalThis.__ITER++;
} while (Atomics.load(shared, slots.isOver) === 0);
parentPort.postMessage({ checks: [...checks.values()] });
