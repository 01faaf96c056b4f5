import type { Socket } from 'node:net';
import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { ObservabilityError } from '../model/errors.js';
import { within } from '../timing/within.js';
import { openLink } from './link.js';
import { readLines } from './metric-lines.js';
import { createRequests } from './requests.js';
import type { Role, RoleContext } from './role.js';
import { pushValues } from './shared-metric.js';

/** The leader itself waits for its members; this is more than it takes at most. */
const leaderTimeoutMillis = 9_000;
const handOverTimeoutMillis = 2_000;

export interface MemberEvents {
  /** The leader knows this member by this label from now on. */
  welcomed(worker: string): void;
  /** The leader is gone, or does not take this one. */
  left(isTooLate: boolean): void;
}

/** A member answers its leader. It asks the leader if it has to answer for the whole group. */
export function beMember(
  socket: Socket,
  context: RoleContext,
  worker: string | undefined,
  events: MemberEvents,
): Role {
  const requests = createRequests<readonly string[]>();
  /** Who waits for the leader to take what was handed over. */
  const taken: ((isTaken: boolean) => void)[] = [];
  let isTooLate = false;
  let isClosing = false;
  let isGone = false;
  const link = openLink(socket, {
    heard(message) {
      switch (message.say) {
        case 'welcome':
          events.welcomed(message.worker);
          break;
        case 'too-late':
          isTooLate = true;
          break;
        case 'collect':
          void link.sendMetrics(message.request, context.lines(message.timeoutMillis)).catch(() => {});
          break;
        case 'change':
          context.heard(message.change);
          break;
        case 'taken':
          taken.shift()?.(true);
          break;
        case 'health': {
          const { request, kind } = message;
          void context.health(kind).then((report) => link.say({ say: 'healthy', request, report }));
          break;
        }
        default:
      }
    },
    gotMetrics(request, lines) {
      if (request !== undefined) requests.answered(request, lines);
    },
    closed() {
      isGone = true;
      requests.giveUp();
      for (const answer of taken.splice(0)) answer(false);
      if (!isClosing) events.left(isTooLate);
    },
  });
  const { id, pid, isRoot } = context.group;
  link.say({ say: 'hello', id, pid, isRoot, holdsPort: context.holdsPort(), worker });

  const handOver = async () => {
    const answer = new Promise<boolean>((resolve) => taken.push(resolve));
    void link.sendMetrics(undefined, context.lines()).catch(() => {});
    const isInTime = await within(handOverTimeoutMillis, [answer]);
    return isInTime && (await answer);
  };

  return {
    isLeader: false,
    async collect(timeoutMillis) {
      const lines = await requests.ask(leaderTimeoutMillis, (request) =>
        link.say({ say: 'collect', request, timeoutMillis }),
      );
      if (lines) return await snapshotsOf(lines);
      if (isGone) return undefined;
      const error = () =>
        new ObservabilityError(
          'OBS_CLUSTER_SILENT',
          'The process that collects for all did not answer in time.',
        );
      context.complain('leader_silent', error);
      throw error();
    },
    health: context.health,
    tell: (change) => link.say({ say: 'change', change }),
    flush: handOver,
    async stop() {
      isClosing = true;
      await handOver();
      link.close();
    },
  };
}

async function snapshotsOf(lines: readonly string[]): Promise<MetricSnapshot[]> {
  const byName = new Map<string, MetricSnapshot & { readonly values: MetricValue[] }>();
  for await (const { series, ...metric } of readLines(lines)) {
    let snapshot = byName.get(metric.name);
    if (!snapshot) {
      snapshot = { ...metric, values: [] };
      byName.set(metric.name, snapshot);
    }
    for (const one of series) pushValues(snapshot.values, metric, one);
  }
  return [...byName.values()];
}
