import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { clusterModule } from './process-group.js';

/**
 * Tells, once, when this process turns out to be the primary of a cluster, or gets a worker thread. Nothing is
 * loaded for it before that.
 *
 * @returns stops watching
 */
export function onFirstWorker(tell: () => void): () => void {
  let timer: NodeJS.Immediate | undefined;
  // Published before the process is started; every child process comes by here.
  const childMade = () => {
    timer ??= setImmediate(() => {
      timer = undefined;
      if (hasClusterWorkers()) found();
    });
  };
  const found = () => {
    stop();
    tell();
  };
  const stop = () => {
    clearImmediate(timer);
    // The built-in channels of Node: https://nodejs.org/api/diagnostics_channel.html#built-in-channels
    unsubscribe('child_process', childMade);
    unsubscribe('worker_threads', found);
  };
  subscribe('child_process', childMade);
  subscribe('worker_threads', found);
  // Those that were started before.
  if (isClusterLoaded() || process.getActiveResourcesInfo().includes('ProcessWrap')) childMade();
  return stop;
}

/** A worker that does not keep its primary alive is no active resource. Node's list of what it has loaded is untyped. */
function isClusterLoaded(): boolean {
  const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };
  return moduleLoadList?.includes('NativeModule cluster') === true;
}

function hasClusterWorkers(): boolean {
  return Object.keys(clusterModule().workers ?? {}).length > 0;
}
