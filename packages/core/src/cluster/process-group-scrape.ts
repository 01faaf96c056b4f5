import type { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type { ControlChange } from '../control/control-handler.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { MetricsEndpoint, ServedAt } from '../lifecycle/endpoint-server.js';
import type { HealthKind, HealthReport } from '../lifecycle/health.js';
import type { CollectMetrics } from '../metrics/collect.js';
import { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import type { Part } from '../model/part.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { within } from '../timing/within.js';
import { onFirstWorker } from './children.js';
import type { WonElection } from './election.js';
import { isMeetingPlaceOpen } from './group-folder.js';
import type { OpenGroup } from './join-group.js';
import type { LeaderRole } from './leader.js';
import { leaveCounts } from './leave-counts.js';
import { recordChanges } from './live-changes.js';
import { linesOf } from './metric-lines.js';
import { findProcessGroup } from './process-group.js';
import type { ClusterComplaint, Role, RoleContext } from './role.js';
import { onThread, tellMainThread } from './thread-call.js';

export interface ClusterParts {
  readonly options: ResolvedOptions['metrics'];
  readonly identity: Identity;
  /** The metrics of this process alone. */
  readonly collect: CollectMetrics;
  /** The same without waiting. */
  readonly collectNow: () => Iterable<MetricSnapshot>;
  /** The health of this process alone. */
  readonly health: (kind: HealthKind) => Promise<HealthReport>;
  /** Makes a change here that another process was told to make. */
  readonly change: (change: ControlChange) => void;
  /** Listens on the port of the endpoint; undefined if the service mounts its handler itself. */
  readonly listen: ((report: (error: ObservabilityError) => void) => Promise<MetricsEndpoint>) | undefined;
  readonly settings: RoleContext['settings'];
  /** There turns out to be more than one process or thread. */
  readonly joining: () => void;
  readonly complain: ClusterComplaint;
  readonly report: (error: ObservabilityError) => void;
}

/** The processes and threads of a service, as far as scrapes and probes see them: as one. */
export interface AnswerForAll extends Part {
  /** Resolves when the endpoint listens, when another process has it, or when it could not listen. */
  readonly ready: Promise<ServedAt>;
  readonly collect: CollectMetrics;
  health(kind: HealthKind): Promise<HealthReport>;
  /** Sends a change that was made here to the other processes. */
  tell(change: ControlChange): void;
  /** Leaves what this process has counted to the others: it may be about to end. */
  flush(): Promise<void>;
  /** The same at once: it is ending. */
  leaveCounts(): void;
  /** Closes the endpoint and leaves the group. */
  stop(): Promise<void>;
}

const joinTimeoutMillis = 2_000;
const attempts = 3;
const portRetryMillis = 250;
/** A leader that ends may hold the port a little longer than its place. */
const portPatienceMillis = 5_000;
/** A thread's own process may have it, and meets the thread at the next scrape only. */
const threadPatienceMillis = 60_000;
const firstRejoinMillis = 1_000;
const lastRejoinMillis = 60_000;

/**
 * Makes the processes of a cluster, and the threads of a process, answer as one. One of them leads: it has the port,
 * collects from the others and adds up. A process that has neither workers nor threads only listens on its port.
 */
export function answerForAll({
  options,
  identity,
  collect,
  collectNow,
  health,
  change,
  listen,
  settings,
  joining: begins,
  complain,
  report,
}: ClusterParts): AnswerForAll {
  const group = findProcessGroup(identity, options);
  let role: Role | undefined;
  let joining: Promise<void> | undefined;
  let worker: string | undefined;
  let endpoint: MetricsEndpoint | undefined;
  let listening: Promise<void> | undefined;
  let rejoinTimer: NodeJS.Timeout | undefined;
  let rejoinMillis = firstRejoinMillis;
  /** Whether there are no other processes, or they cannot be reached. */
  let answersAlone = group.isRoot;
  let isClosed = false;
  let wake = () => {};
  let settled = (_: ServedAt) => {};
  const ready = new Promise<ServedAt>((resolve) => {
    settled = resolve;
  });

  const instance: MetricSnapshot = {
    name: 'throughline_worker_info',
    help: 'The process or thread behind each value of the label worker.',
    type: 'info',
    aggregator: 'each',
    values: [{ labels: { service_instance_id: identity.instanceId }, value: 1 }],
  };
  const changes = recordChanges();
  const context: RoleContext = {
    group,
    collect,
    async *lines(timeoutMillis) {
      yield* linesOf([...(await collect(timeoutMillis)), instance]);
    },
    health,
    heard(other) {
      changes.made(other);
      change(other);
    },
    changes,
    holdsPort: () => endpoint !== undefined,
    settings,
    complain,
  };

  let unwatch = () => {};
  if (group.isRoot) {
    const unwatchWorkers = onFirstWorker(() => void join());
    // A thread that existed before this instance tells when it gets one too.
    const unwatchThreads = onThread(group.key, () => void join());
    unwatch = () => {
      unwatchWorkers();
      unwatchThreads();
    };
    listening = Promise.resolve().then(() => {
      if (!isMeetingPlaceOpen(group.key)) return takePort();
      // A thread was faster.
      listening = undefined;
      void join();
    });
  } else {
    // A thread with nothing else to do yet must not end before it is ready.
    const hold = setTimeout(() => {}, joinTimeoutMillis);
    void ready.then(() => clearTimeout(hold));
    void join();
  }

  return {
    ready,
    async collect(timeoutMillis) {
      // The leader may end while it is asked. Then the next leader is asked.
      for (let attempt = 0; attempt < attempts; attempt++) {
        if (joining) await within(joinTimeoutMillis, [joining]);
        if (!role && answersAlone) return await collect(timeoutMillis);
        const metrics = await role?.collect(timeoutMillis);
        if (metrics) return metrics;
      }
      // An incomplete answer would look as if totals fell.
      const error = () =>
        new ObservabilityError(
          'OBS_CLUSTER_SILENT',
          'The process that collects the metrics of all processes was not found in time.',
        );
      complain('leader_silent', error);
      throw error();
    },
    health: (kind) => (role ?? context).health(kind),
    tell(made) {
      changes.made(made);
      role?.tell(made);
    },
    async flush() {
      // The leader may end at the same time: then it is the next one's.
      for (let attempt = 0; attempt < attempts; attempt++) {
        await within(joinTimeoutMillis, [joining]);
        if (!role || (await role.flush())) return;
      }
    },
    leaveCounts() {
      // With the root the whole group ends.
      if (group.isRoot || isClosed || answersAlone) return;
      leaveCounts(group, collectNow());
    },
    async stop() {
      isClosed = true;
      unwatch();
      clearTimeout(rejoinTimer);
      await within(joinTimeoutMillis, [joining]);
      // The endpoint last: until then a scrape gets the final counts. Then the place, for the next one to lead.
      const last = role;
      if (last?.isLeader === false) await last.stop();
      wake();
      await listening;
      await endpoint?.close();
      if (last?.isLeader) await last.stop();
      role = undefined;
      answersAlone = true;
      settled({ port: undefined });
    },
  };

  function join(): Promise<void> {
    clearTimeout(rejoinTimer);
    joining ??= tryToJoin()
      .catch((cause) => {
        complain(
          'place_unusable',
          () =>
            new ObservabilityError(
              'OBS_CLUSTER_UNAVAILABLE',
              `The processes of this service cannot meet: ${(cause as Error).message}.`,
              { cause },
            ),
        );
        // The first one has the port.
        answersAlone = true;
        listening ??= takePort();
        rejoinTimer = setTimeout(() => void join(), rejoinMillis);
        rejoinTimer.unref();
        rejoinMillis = Math.min(rejoinMillis * 2, lastRejoinMillis);
      })
      .finally(() => {
        joining = undefined;
      });
    return joining;
  }

  async function tryToJoin(): Promise<void> {
    if (isClosed) return;
    unwatch();
    begins();
    const { openGroup } = await import('./join-group.js');
    const open = openGroup(context);
    if (!isMainThread) tellMainThread(group.key);
    let isIn = false;
    while (!isIn && !isClosed) {
      const election = await open.elect();
      rejoinMillis = firstRejoinMillis;
      isIn = election.isLeader ? await leadFrom(open, election) : await follow(open, election.socket);
    }
  }

  async function leadFrom(open: OpenGroup, election: WonElection): Promise<true> {
    const leader = await open.lead(election, worker);
    role = leader;
    answersAlone = false;
    worker = leader.worker;
    listening ??= takePort(leader);
    return true;
  }

  /** Resolves when the leader has taken this one in; with false if it has gone before. */
  function follow(open: OpenGroup, socket: Socket): Promise<boolean> {
    return new Promise((resolve) => {
      const member = open.follow(socket, worker, {
        welcomed(label) {
          worker = label;
          role = member;
          answersAlone = false;
          settled({ port: endpoint?.port, isElsewhere: endpoint === undefined });
          resolve(true);
        },
        left(isTooLate) {
          const wasIn = role === member;
          if (wasIn) role = undefined;
          if (isTooLate) {
            complain(
              'member_silent',
              () =>
                new ObservabilityError(
                  'OBS_CLUSTER_SILENT',
                  'This process was out of reach for so long that the others count without it from now on.',
                ),
            );
          } else if (wasIn && !isClosed) void join();
          resolve(isTooLate);
        },
      });
    });
  }

  /** Listens on the port; in a group until it is free, because its holder may be about to end. */
  async function takePort(leader?: LeaderRole): Promise<void> {
    await tryPort(leader);
    // The next time that this process leads it tries again.
    if (!endpoint) listening = undefined;
  }

  async function tryPort(leader: LeaderRole | undefined): Promise<void> {
    if (!listen) {
      settled({ port: undefined });
      return;
    }
    const startMillis = performance.now();
    let isSaid = false;
    while (!isClosed) {
      let failure: ObservabilityError | undefined;
      const attempt = await listen((error) => {
        failure = error;
      });
      if (!failure) {
        endpoint = attempt;
        settled({ port: attempt.port });
        return;
      }
      if (isClosed) return;
      const isInUse = failure.code === 'OBS_METRICS_PORT_IN_USE';
      const mayBeFree = leader !== undefined && role === leader && isInUse;
      const patienceMillis = isMainThread ? portPatienceMillis : threadPatienceMillis;
      const isOver = !mayBeFree || performance.now() - startMillis > patienceMillis;
      if (isOver && !isSaid && !leader?.isPortHeld()) {
        isSaid = true;
        report(failure);
      }
      const isElsewhere = leader !== undefined && (leader.isPortHeld() || !isMainThread);
      if (isOver || isElsewhere) settled({ port: undefined, isElsewhere });
      if (!mayBeFree) return;
      await pause(isSaid ? portPatienceMillis : portRetryMillis);
    }
  }

  /** Does not keep the process alive. */
  function pause(millis: number): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, millis).unref();
    });
  }
}
