import { rmSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bases, folderOfUser, isLeftText, isWindows, openGroupFolder, socketPath } from './group-folder.js';

/** Folders of groups that are long gone, for example because they were killed, are removed after this time. */
const leftoverMillis = 3_600_000;

/** Where the processes of a group find each other. */
export interface MeetingPlace {
  /** The numbers of the leaders' sockets that are there, ascending. */
  leaders(): Promise<number[]>;
  /** Path of the socket of a leader. Each leader has a number, one higher than that of the last leader. */
  socket(leader: number): string;
  /** Removes the sockets of the leaders before this one. */
  removeBefore(leader: number): Promise<void>;
  /** What a leader leaves to the next one. */
  readonly stateFile: string;
  /** Takes the texts that processes have left. */
  takeLeft(): Promise<string[]>;
  /** Removes it all: the group is over. */
  remove(): Promise<void>;
  /** The same, in a process that is ending. */
  removeAtExit(): void;
}

/**
 * Opens the place of a group.
 *
 * @throws as openGroupFolder
 */
export function openMeetingPlace(key: string): MeetingPlace {
  const folder = openGroupFolder(key);
  // Named pipes go with the process that holds them: one name is enough.
  const socket = (leader: number) =>
    isWindows ? `\\\\.\\pipe\\throughline-${key}` : socketPath(folder, leader);
  const leaders = async () => {
    if (isWindows) return [1];
    const names = await readdir(folder);
    return names
      .map((name) => Number(/^leader-(\d+)$/.exec(name)?.[1]))
      .filter((leader) => leader > 0)
      .sort((a, b) => a - b);
  };
  return {
    leaders,
    socket,
    async removeBefore(leader) {
      for (const earlier of await leaders()) if (earlier < leader) await rm(socket(earlier), { force: true });
    },
    stateFile: join(folder, 'state'),
    async takeLeft() {
      const names = await readdir(folder).catch(() => []);
      const texts: string[] = [];
      for (const name of names) {
        if (!isLeftText(name)) continue;
        const file = join(folder, name);
        texts.push(await readFile(file, 'utf8'));
        await rm(file, { force: true });
      }
      return texts;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
    removeAtExit() {
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch {
        // It is found among the leftovers later.
      }
    },
  };
}

/**
 * Removes what groups that have long ended left behind.
 *
 * @param isAlive whether a process listens on a socket
 */
export async function removeLeftovers(
  key: string,
  isAlive: (socket: string) => Promise<boolean>,
): Promise<void> {
  for (const base of bases()) {
    const own = join(base, folderOfUser());
    for (const name of await readdir(own).catch(() => [])) {
      if (name === key || !/^[0-9a-f]{16}$/.test(name)) continue;
      const folder = join(own, name);
      const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs < leftoverMillis) continue;
      const sockets = (await readdir(folder).catch(() => [])).filter((file) => file.startsWith('leader-'));
      const alive = await Promise.all(sockets.map((file) => isAlive(join(folder, file))));
      if (!alive.includes(true)) await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
}
