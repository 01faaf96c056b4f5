import type { Server } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type { ControlChange } from '../control/control-handler.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { HealthReport } from '../lifecycle/health.js';
import { collectTimeoutMillis } from '../metrics/collect.js';
import { ObservabilityError } from '../model/errors.js';
import { within } from '../timing/within.js';
import { createPatience } from './adaptive-timeout.js';
import { combineHealth } from './cluster-health.js';
import { Ledger, type LedgerEntry } from './ledger.js';
import { type Link, type LinkMessage, openLink } from './link.js';
import type { MeetingPlace } from './meeting-place.js';
import { linesOf } from './metric-lines.js';
import { createRequests } from './requests.js';
import type { Role, RoleContext } from './role.js';

/** Of the time that a process has to answer, its collect callbacks have four fifths. */
const callbackShare = 0.8;
/** What comes later than this is given up. */
const lateTimeoutMillis = 600_000;
const healthTimeoutMillis = 3_000;
/** With the time for the members it is less than what a scrape waits: an answer that is not saved may seem to fall later. */
const saveTimeoutMillis = 3_000;
/** The health of a process that does not answer. */
const noAnswer = {
  status: 'failing',
  durationMillis: healthTimeoutMillis,
  error: `no answer within ${healthTimeoutMillis} ms`,
} as const;
/** So long after a change of leaders, labels are kept for those that are about to come back. */
const returnMillis = 5_000;

interface ConnectedMember {
  readonly link: Link;
  readonly entry: LedgerEntry;
  readonly isRoot: boolean;
  readonly holdsPort: boolean;
  readonly patience: ReturnType<typeof createPatience>;
  /** The question that it has not answered in time. */
  overdue: Promise<unknown> | undefined;
  readonly metrics: ReturnType<typeof createRequests<readonly string[]>>;
  readonly health: ReturnType<typeof createRequests<HealthReport>>;
}

export interface LeaderRole extends Role {
  readonly isLeader: true;
  readonly worker: string;
  /** Whether another process of the group listens on the port of the endpoint. */
  isPortHeld(): boolean;
}

/** A leader collects from all members, keeps the books, and answers for everybody. */
export async function beLeader(
  server: Server,
  place: MeetingPlace,
  context: RoleContext,
  earlierWorker: string | undefined,
): Promise<LeaderRole> {
  const { group, settings, complain } = context;
  const ledger = new Ledger(settings);
  const members = new Set<ConnectedMember>();
  const startMillis = performance.now();
  let collecting: Promise<readonly MetricSnapshot[]> | undefined;
  let saving: Promise<unknown> = Promise.resolve();
  const stateFailed = (what: string, cause: unknown) =>
    complain(
      'state_unusable',
      () =>
        new ObservabilityError(
          'OBS_CLUSTER_STATE_FAILED',
          `What the processes of the service have counted could not be ${what}: ${(cause as Error).message}.`,
          { cause },
        ),
    );

  const whenLoaded = ledger.load(place.stateFile).catch((cause) => stateFailed('read', cause));
  server.on('connection', (socket) => {
    let member: ConnectedMember | undefined;
    const link = openLink(socket, {
      heard(message) {
        if (message.say === 'hello') {
          void whenLoaded.then(() => {
            member = welcome(message, link);
          });
        } else if (message.say === 'collect') {
          void answerMember(link, message.request, message.timeoutMillis).catch(() => {});
        } else if (message.say === 'change') {
          context.heard(message.change);
          tell(message.change, member);
        } else if (message.say === 'healthy') {
          member?.health.answered(message.request, message.report);
        }
      },
      gotMetrics(request, lines) {
        void whenLoaded.then(() => {
          if (!member) return;
          if (!member.entry.hasLeft) member.entry.lines = lines;
          if (request === undefined) void take(link);
          else member.metrics.answered(request, lines);
        });
      },
      closed() {
        if (!member) return;
        members.delete(member);
        // It may have come back by another connection.
        if (![...members].some(({ entry }) => entry === member?.entry)) {
          member.entry.goneSinceMillis = performance.now();
        }
        member.metrics.giveUp();
        member.health.giveUp();
      },
    });
  });
  await whenLoaded;
  // The group ends with the root. Then the folder is no longer needed.
  const leaveNothing = () => {
    if (members.size === 0) place.removeAtExit();
  };
  if (group.isRoot) process.once('exit', leaveNothing);
  const leaderEntry =
    ledger.get(group.id) ?? ledger.add(group.id, group.pid, workerFor(earlierWorker, group.isRoot));
  leaderEntry.goneSinceMillis = undefined;
  leaderEntry.isExpected = false;

  return {
    isLeader: true,
    worker: leaderEntry.worker,
    isPortHeld: () => [...members].some(({ holdsPort }) => holdsPort),
    collect,
    async health(kind) {
      const asked = [...members].map(async (member): Promise<[string, HealthReport, boolean]> => {
        const report = await member.health.ask(healthTimeoutMillis, (request) =>
          member.link.say({ say: 'health', request, kind }),
        );
        const silent = { status: 'failing', checks: { answer: noAnswer } } as const;
        // One that is gone by now has no health.
        return [member.entry.worker, report ?? silent, report !== undefined || members.has(member)];
      });
      const [leaderReport, ...answers] = await Promise.all([context.health(kind), ...asked]);
      const reports = answers.filter(([, , isThere]) => isThere);
      const root = group.isRoot
        ? leaderEntry.worker
        : [...members].find(({ isRoot }) => isRoot)?.entry.worker;
      return combineHealth(leaderEntry.worker, leaderReport, reports, root);
    },
    tell,
    async flush() {
      if (isNeeded()) {
        await collectHere();
        await save(ledger.copy());
      }
      return true;
    },
    async stop() {
      process.off('exit', leaveNothing);
      const isLeft = isNeeded();
      if (isLeft) {
        await collectHere();
        await save(ledger.copy());
      }
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const { link } of members) link.close();
      });
      if (!isLeft) await place.remove().catch(() => {});
    },
  };

  function tell(change: ControlChange, except?: ConnectedMember): void {
    for (const member of members) if (member !== except) member.link.say({ say: 'change', change });
  }

  /** Whether there is, or may be, a next leader. */
  function isNeeded(): boolean {
    return members.size > 0 || !isMainThread || (!group.isRoot && process.connected);
  }

  function welcome(hello: Extract<LinkMessage, { say: 'hello' }>, link: Link): ConnectedMember | undefined {
    if (ledger.hasKept(hello.id)) {
      link.say({ say: 'too-late' });
      link.close();
      return undefined;
    }
    const known = ledger.get(hello.id);
    if (known && isTaken(known)) known.worker = workerFor(hello.worker, hello.isRoot);
    const entry = known ?? ledger.add(hello.id, hello.pid, workerFor(hello.worker, hello.isRoot));
    entry.goneSinceMillis = undefined;
    entry.isExpected = false;
    const member: ConnectedMember = {
      link,
      entry,
      isRoot: hello.isRoot,
      holdsPort: hello.holdsPort,
      patience: createPatience(),
      overdue: undefined,
      metrics: createRequests(),
      health: createRequests(),
    };
    members.add(member);
    link.say({ say: 'welcome', worker: entry.worker });
    // One that had a leader before has been told already.
    if (hello.worker === undefined)
      for (const change of context.changes.inForce()) link.say({ say: 'change', change });
    return member;
  }

  /** Whether another process has its label now. */
  function isTaken(entry: LedgerEntry): boolean {
    return [...ledger.all()].some(
      (other) => other !== entry && other.worker === entry.worker && other.goneSinceMillis === undefined,
    );
  }

  /** The label of a process: the lowest number that is free, so that restarts bring no new ones. */
  function workerFor(wanted: string | undefined, isRoot: boolean): string {
    if (isRoot) return '0';
    const mayReturn = performance.now() - startMillis < returnMillis;
    const taken = new Set<string>();
    for (const { worker, goneSinceMillis, isExpected } of ledger.all()) {
      if (goneSinceMillis === undefined || (mayReturn && isExpected)) taken.add(worker);
    }
    if (wanted !== undefined && !taken.has(wanted)) return wanted;
    let free = 1;
    while (taken.has(String(free))) free++;
    return String(free);
  }

  /** Scrapers that ask at the same time get the same answer. */
  function collect(timeoutMillis: number = collectTimeoutMillis): Promise<readonly MetricSnapshot[]> {
    collecting ??= collectAll(timeoutMillis).finally(() => {
      collecting = undefined;
    });
    return collecting;
  }

  async function collectAll(timeoutMillis: number): Promise<readonly MetricSnapshot[]> {
    await takeLeft();
    // Alone, like a process whose threads do not use Throughline.
    if (group.isRoot && ledger.isOfOne) return await context.collect(timeoutMillis);
    for (const entry of ledger.all()) entry.isCurrent = false;
    const asked = [...members];
    const callbackMillis = Math.round(timeoutMillis * callbackShare);
    const answers = await Promise.all([
      collectHere(callbackMillis),
      ...asked.map((member) => collectFrom(member, timeoutMillis, callbackMillis)),
    ]);
    await ledger.settle();
    const books = ledger.copy();
    // The group ends with the root, so no process would read the file.
    if (!group.isRoot) await save(books);
    return [...(await ledger.merged(books)), membersMetric(answers)];
  }

  /** What processes have left at their end. */
  async function takeLeft(): Promise<void> {
    for (const text of await place.takeLeft()) {
      try {
        ledger.takeLeft(text, () => workerFor(undefined, false));
      } catch (cause) {
        stateFailed('read', cause);
      }
    }
  }

  async function collectHere(callbackMillis?: number): Promise<MemberAnswer> {
    const lines: string[] = [];
    for await (const line of context.lines(callbackMillis)) lines.push(line);
    leaderEntry.lines = lines;
    leaderEntry.isCurrent = true;
    return 'answered';
  }

  async function collectFrom(
    member: ConnectedMember,
    usualMillis: number,
    timeoutMillis: number,
  ): Promise<MemberAnswer> {
    const { entry, link, patience } = member;
    if (member.overdue) {
      silent(entry);
      return 'missing';
    }
    const answer = member.metrics.ask(lateTimeoutMillis, (request) =>
      link.say({ say: 'collect', request, timeoutMillis }),
    );
    const waitMillis = Math.round(patience.millis(usualMillis));
    const inTime = await within(waitMillis, [answer]);
    if (inTime) {
      patience.answered();
      // If it does not answer because it has ended, that is not a failure.
      entry.isCurrent = (await answer) !== undefined;
      return entry.isCurrent ? 'answered' : 'gone';
    }
    member.overdue = answer.finally(() => {
      member.overdue = undefined;
    });
    patience.silent();
    silent(entry, waitMillis);
    return 'missing';
  }

  function silent({ worker, pid }: LedgerEntry, waitedMillis?: number): void {
    const waited =
      waitedMillis === undefined
        ? 'has not answered an earlier scrape yet'
        : `did not answer within ${waitedMillis} ms`;
    complain(
      'member_silent',
      () =>
        new ObservabilityError(
          'OBS_CLUSTER_SILENT',
          `Worker ${worker} (process ${pid}) ${waited}; the answer has its last known totals.`,
        ),
    );
  }

  /** The totals that a process delivered at its end must also survive the end of this process. */
  async function take(link: Link): Promise<void> {
    if (!group.isRoot) await save(ledger.copy());
    link.say({ say: 'taken' });
  }

  async function save(books: readonly LedgerEntry[]): Promise<void> {
    // One at a time: they write the same file.
    const saved = saving.then(() => ledger.save(place.stateFile, books));
    saving = saved.catch(() => {});
    const failed = (cause: unknown) => stateFailed('kept for the next process that answers', cause);
    saved.catch(failed);
    const isInTime = await within(saveTimeoutMillis, [saved]);
    if (!isInTime) failed(new Error(`it took longer than ${saveTimeoutMillis} ms`));
  }

  async function answerMember(link: Link, request: number, timeoutMillis: number | undefined): Promise<void> {
    const metrics = await collect(timeoutMillis);
    await link.sendMetrics(request, linesOf(metrics));
  }
}

/** The result of asking one process for its metrics. */
type MemberAnswer = 'answered' | 'missing' | 'gone';

function membersMetric(answers: readonly MemberAnswer[]): MetricSnapshot {
  const count = (result: MemberAnswer) => ({
    labels: { result },
    value: answers.filter((answer) => answer === result).length,
  });
  return {
    name: 'throughline_cluster_members',
    help: 'Processes and threads in this answer, and those that did not answer in time.',
    type: 'gauge',
    values: [count('answered'), count('missing')],
  };
}
