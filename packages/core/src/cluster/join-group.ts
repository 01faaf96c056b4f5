import type { Socket } from 'node:net';
import { elect, isListenedOn, type WonElection } from './election.js';
import { beLeader } from './leader.js';
import { openMeetingPlace, removeLeftovers } from './meeting-place.js';
import { beMember, type MemberEvents } from './member.js';
import type { RoleContext } from './role.js';

/*
 * What a process needs to take part in its group. It is loaded when there turns out to be one: most services are one
 * process.
 */

/** @throws if the processes have no folder in which they can meet */
export function openGroup(context: RoleContext) {
  const { key } = context.group;
  const place = openMeetingPlace(key);
  return {
    elect: () => elect(place),
    async lead({ server, number }: WonElection, worker: string | undefined) {
      const leader = await beLeader(server, place, context, worker);
      await place.removeBefore(number);
      void removeLeftovers(key, isListenedOn);
      return leader;
    },
    follow: (socket: Socket, worker: string | undefined, events: MemberEvents) =>
      beMember(socket, context, worker, events),
  };
}

export type OpenGroup = ReturnType<typeof openGroup>;
