/*
 * What load/shop.js imports from `k6/http`, for our own generator. In k6 a request returns its response at once, so
 * this thread waits while the main thread sends it.
 * https://grafana.com/docs/k6/latest/javascript-api/k6-http/
 */
import { parentPort } from 'node:worker_threads';
import { customer } from './customer-state.mjs';

const timeoutMillis = 60_000;

function request(method, url, body, { headers = {} } = {}) {
  const { shared, slots } = customer;
  Atomics.store(shared, slots.status, slots.none);
  parentPort.postMessage({ request: { method, url, body, headers, timeoutMillis } });
  Atomics.wait(shared, slots.status, slots.none);
  // As in k6: 0 where there was no answer.
  return { status: Atomics.load(shared, slots.status) };
}

export default {
  get: (url, parameters) => request('GET', url, undefined, parameters),
  post: (url, body, parameters) => request('POST', url, body, parameters),
};
