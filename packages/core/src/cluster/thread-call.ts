import { BroadcastChannel } from 'node:worker_threads';

/*
 * How the main thread of a process learns of a thread that is older than its instance. To look for a meeting place at
 * every scrape instead took a tenth of a small one.
 */

const channelOf = (key: string) => new BroadcastChannel(`throughline-${key}`);

/**
 * Calls back for each thread of this process that joins the group from now on. It does not keep the process alive.
 *
 * @returns stops listening
 */
export function onThread(key: string, tell: () => void): () => void {
  const channel = channelOf(key);
  channel.onmessage = tell;
  // After the listener, which would hold the process.
  channel.unref();
  return () => channel.close();
}

/** To be called in a thread, when the meeting place exists: a main thread that does not listen yet will find that. */
export function tellMainThread(key: string): void {
  const channel = channelOf(key);
  channel.postMessage('joining');
  channel.close();
}
