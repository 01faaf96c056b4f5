import { describe, expect, test, vi } from 'vitest';
import { followCall, followPromise, isThenable } from './follow-promise.js';

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a followed promise', () => {
  test('settles as the original does, and a rejection that nobody handles stays one', async () => {
    const error = Object.create(null);
    const ends: unknown[] = [];
    const follow = (promise: Promise<unknown>) =>
      followPromise(
        promise,
        (value) => ends.push(value),
        (reason) => ends.push(reason),
      );
    expect(await follow(Promise.resolve(1))).toBe(1);
    await expect(follow(Promise.reject(error))).rejects.toBe(error);
    expect(ends).toEqual([1, error]);
    const unhandled = vi.fn();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', unhandled);
    void follow(Promise.reject(error));
    await new Promise(setImmediate);
    process.removeListener('unhandledRejection', unhandled);
    for (const other of others) process.on('unhandledRejection', other);
    expect(unhandled.mock.calls).toEqual([[error, expect.any(Promise)]]);
  });

  test('that starts its work when it is asked does it once', async () => {
    let started = 0;
    const query: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: query builders are such
      then(onFulfilled) {
        started++;
        return Promise.resolve('row').then(onFulfilled);
      },
    };
    const ended = vi.fn();
    expect(await followCall(() => query, ended, ended)).toBe('row');
    expect(started).toBe(1);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  test('goes on when who follows it throws', async () => {
    const broken = () => {
      throw new Error('ours');
    };
    expect(await followPromise(Promise.resolve(1), broken, broken)).toBe(1);
    await expect(followPromise(Promise.reject(2), broken, broken)).rejects.toBe(2);
    expect(followCall(() => 3, broken, broken)).toBe(3);
  });
});

describe('a followed call', () => {
  test('tells what it returns and throws, whatever that is', () => {
    const hostile = {
      // biome-ignore lint/suspicious/noThenProperty: it is one that throws
      get then() {
        throw new Error('read');
      },
    };
    for (const value of [undefined, null, 0, 'text', revoked(), hostile, () => {}]) {
      const returned = vi.fn();
      expect(
        Object.is(
          followCall(() => value, returned, vi.fn()),
          value,
        ),
      ).toBe(true);
      expect(returned).toHaveBeenCalledTimes(1);
      const thrown = vi.fn();
      let caught: unknown;
      try {
        followCall(
          () => {
            throw value;
          },
          vi.fn(),
          thrown,
        );
      } catch (error) {
        caught = error;
      }
      expect(Object.is(caught, value)).toBe(true);
      expect(thrown).toHaveBeenCalledTimes(1);
    }
  });

  test('knows what has a then', () => {
    expect(isThenable(Promise.resolve())).toBe(true);
    for (const value of [undefined, null, {}, 'text', revoked()]) expect(isThenable(value)).toBe(false);
  });
});
