import type { Cluster } from 'node:cluster';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from 'node:worker_threads';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';

/** Which processes and threads answer a scrape together, and what this one is among them. */
export interface ProcessGroup {
  /** The same in all of them, and in no other group of this host; fit for a file name. */
  readonly key: string;
  /** The primary of a cluster, or the main thread of a process that is in none. */
  readonly isRoot: boolean;
  readonly pid: number;
  /** Distinguishes this process or thread from all others that have been in the group. */
  readonly id: string;
}

/** Changes with what processes say to each other: two releases that do not understand each other do not meet. */
const protocolVersion = 1;
const rootPidKey = 'throughline.root-pid';

/** Loads Node's `cluster`, which most services do without. Its types know it as an ES module only. */
export function clusterModule(): Cluster {
  return process.getBuiltinModule('node:cluster') as unknown as Cluster;
}

/** Whether this process was made by the `cluster` module. */
function isClusterWorker(): boolean {
  // Only a process with a channel to its parent can be one, and there the module is loaded already.
  return process.channel !== undefined && clusterModule().isWorker;
}

export function findProcessGroup(
  { serviceName, serviceNamespace }: Identity,
  { endpoint }: ResolvedOptions['metrics'],
): ProcessGroup {
  const isWorker = isMainThread && isClusterWorker();
  if (isWorker) setEnvironmentData(rootPidKey, process.ppid);
  const known = isMainThread ? undefined : getEnvironmentData(rootPidKey);
  const rootPid = isWorker ? process.ppid : typeof known === 'number' ? known : process.pid;
  const { pid } = process;
  // A process manager may be the primary of several services. Each of them has its own endpoint.
  const told = [
    protocolVersion,
    rootPid,
    startOf(rootPid),
    pidNamespace(),
    serviceName,
    serviceNamespace,
    endpoint && [endpoint.host, endpoint.port, endpoint.path, endpoint.token],
  ];
  return {
    key: createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16),
    isRoot: isMainThread && !isWorker,
    pid,
    id: `${pid}-${threadId}-${Math.random().toString(36).slice(2, 10)}`,
  };
}

/** The start time of a process, if the system provides it. In a container, process ids are reused often. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold blanks; the start is the 22nd field, and the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Containers that share a folder each have their own process ids. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
