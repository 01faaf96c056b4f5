import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
  type Worker,
} from 'node:worker_threads';
import type { Part } from '../model/part.js';

/*
 * Node ends worker threads together with the main thread, without an event in them. So the main thread first asks them
 * to send, and blocks meanwhile. The event loops of the worker threads continue until then.
 */

/** The ids of the threads with an instance, for all threads of the process. Given to threads as they are made. */
const registryKey = 'throughline.threads';
const maxThreads = 256;
const channelName = 'throughline.end-of-process';
/** A thread that computes, or sleeps, does not begin; it is waited for during one part in so many of the time. */
const beginShare = 4;

/** Fields of the memory that the threads share with the main thread. The main thread waits for `changes`. */
const changes = 0;
const begun = 1;
const over = 2;
const failed = 3;

interface EndMessage {
  readonly state: Int32Array;
  readonly timeoutMillis: number;
}

/** What became of the threads that were asked. */
export interface ThreadsAtEnd {
  /** Had something that no intake took. */
  readonly failed: number;
  /** Began, and were not ready in time. */
  readonly late: number;
}

/** Makes worker threads that are created from now on register themselves. Call it in the main thread. */
export function registerThreads(): void {
  if (registry()) return;
  setEnvironmentData(registryKey, new Int32Array(new SharedArrayBuffer(4 * maxThreads)));
}

/**
 * Releases the place of each worker thread that this thread starts when it has ended: of those that are not there any more
 * the main thread would wait for an answer, and their places would run out. A thread that is terminated cannot do this.
 */
export function releaseEndedThreads(): Part {
  const threads = registry();
  if (!threads) return {};
  const follow = (worker: Worker) => {
    const { threadId: id } = worker;
    worker.once('exit', () => {
      const slot = threads.indexOf(id);
      if (slot >= 0) Atomics.compareExchange(threads, slot, id, 0);
    });
  };
  process.on('worker', follow);
  return { stop: () => void process.off('worker', follow) };
}

/**
 * In a worker thread: sends what waits when the main thread is about to end.
 *
 * @param send resolves with whether everything was taken
 */
export function sendWhenAsked(send: (timeoutMillis: number) => Promise<boolean>): Part {
  const threads = registry();
  const slot = threads?.findIndex((_, index) => Atomics.compareExchange(threads, index, 0, threadId) === 0);
  if (!threads || slot === undefined || slot < 0) return {};
  const channel = new BroadcastChannel(channelName);
  // Waiting for the main thread must not keep this one.
  (channel as unknown as { unref(): void }).unref();
  channel.onmessage = (event: unknown) => {
    const { state, timeoutMillis } = (event as { data: EndMessage }).data;
    tell(state, begun);
    void send(timeoutMillis).then((isTaken) => {
      if (!isTaken) Atomics.add(state, failed, 1);
      tell(state, over);
    });
  };
  return {
    stop() {
      Atomics.compareExchange(threads, slot, threadId, 0);
      channel.close();
    },
  };
}

/**
 * In the main thread: asks the worker threads to send what waits in them.
 *
 * @returns a function that blocks until they have sent; undefined if there are no worker threads
 */
export function askThreads(timeoutMillis: number): (() => ThreadsAtEnd) | undefined {
  const asked = isMainThread ? (registry()?.filter((id) => id !== 0).length ?? 0) : 0;
  if (asked === 0) return undefined;
  const startMillis = performance.now();
  const state = new Int32Array(new SharedArrayBuffer(16));
  const channel = new BroadcastChannel(channelName);
  (channel as unknown as { unref(): void }).unref();
  channel.postMessage({ state, timeoutMillis } satisfies EndMessage);
  return () => {
    for (;;) {
      const change = Atomics.load(state, changes);
      const started = Atomics.load(state, begun);
      const ready = Atomics.load(state, over);
      const waitMillis = started === ready ? timeoutMillis / beginShare : timeoutMillis;
      const leftMillis = startMillis + waitMillis - performance.now();
      if (ready >= asked || leftMillis <= 0) {
        channel.close();
        return { failed: Atomics.load(state, failed), late: started - ready };
      }
      Atomics.wait(state, changes, change, leftMillis);
    }
  };
}

function tell(state: Int32Array, what: typeof begun | typeof over): void {
  Atomics.add(state, what, 1);
  Atomics.add(state, changes, 1);
  Atomics.notify(state, changes);
}

function registry(): Int32Array | undefined {
  const known = getEnvironmentData(registryKey);
  return known instanceof Int32Array ? known : undefined;
}
