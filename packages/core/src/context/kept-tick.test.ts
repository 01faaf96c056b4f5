import { executionAsyncId } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';
import { keepTick, waitingTick } from './kept-tick.js';

const nodeMajor = Number.parseInt(process.versions.node, 10);

test('what is kept has the shape of the objects that Node makes for nextTick', () => {
  setFlagsFromString('--allow-natives-syntax');
  const haveSameShape = new Function('one', 'other', 'return %HaveSameMap(one, other)');
  const kept = waitingTick();
  expect(kept).toHaveProperty('callback');
  expect(haveSameShape(kept, waitingTick())).toBe(true);
  expect(haveSameShape(kept, {})).toBe(false);
});

test('it takes the tick of its own call, and leaves those of the service alone', async () => {
  const order: number[] = [];
  process.nextTick(() => order.push(1));
  const letGo = keepTick();
  onTestFinished(letGo);
  process.nextTick(() => order.push(2));
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([1, 2]);
});

// Before Node 24, AsyncLocalStorage itself has such a hook.
test.skipIf(nodeMajor < 24)('promises are not tracked afterwards', async () => {
  onTestFinished(keepTick());
  await null;
  expect(executionAsyncId()).toBe(0);
});
