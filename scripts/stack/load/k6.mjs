/*
 * What load/shop.js imports from `k6`, for our own generator: see start-load.mjs.
 * https://grafana.com/docs/k6/latest/javascript-api/k6/
 */
import { customer } from './customer-state.mjs';

/** Counts, by name, how often each condition held. */
export function check(value, conditions) {
  let holdsAll = true;
  for (const [name, condition] of Object.entries(conditions)) {
    const holds = Boolean(condition(value));
    const count = customer.checks.get(name) ?? { name, passes: 0, fails: 0 };
    if (holds) count.passes++;
    else count.fails++;
    customer.checks.set(name, count);
    holdsAll &&= holds;
  }
  return holdsAll;
}

/** Waits; the end of the load ends it early. */
export function sleep(seconds) {
  Atomics.wait(customer.shared, customer.slots.isOver, 0, seconds * 1_000);
}
