import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const isWindows = process.platform === 'win32';
/** Longest path of a socket: macOS takes 104 bytes with the final zero, Linux four more. */
const maxSocketPathBytes = 103;
/** Folders of groups that are long gone, for example because they were killed, are removed after this time. */
const leftoverMillis = 3_600_000;

/** Where the processes of a group find each other. */
export interface MeetingPlace {
  /** The numbers of the leaders' sockets that are there, ascending. */
  leaders(): Promise<number[]>;
  /** Path of the socket of a leader: each has a number of its own, one more than the last one's. */
  socket(leader: number): string;
  /** Removes the sockets of the leaders before this one. */
  removeBefore(leader: number): Promise<void>;
  /** What a leader leaves to the next one. */
  readonly stateFile: string;
  /** Leaves a text for the leader, in a process that is ending. @param id of the process */
  leave(id: string, text: string): void;
  /** Takes the texts that processes have left. */
  takeLeft(): Promise<string[]>;
  /** Removes it all: the group is over. */
  remove(): Promise<void>;
  /** The same, in a process that is ending. */
  removeAtExit(): void;
}

/**
 * Opens the private folder of a group: below the temporary folder of the system, or in shared memory where that
 * cannot be written to, as in a container with a read-only file system.
 *
 * @throws when there is no such place, or when others may look into it
 */
export function openMeetingPlace(key: string): MeetingPlace {
  const folder = openFolder(key);
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
    leave(id, text) {
      const file = join(folder, `${leftPrefix}${id}`);
      // A reader finds the whole text or none.
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    async takeLeft() {
      const names = await readdir(folder).catch(() => []);
      const texts: string[] = [];
      for (const name of names) {
        if (!name.startsWith(leftPrefix) || name.endsWith('.new')) continue;
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

/** Whether there is, or was, such a group: one look at the file system. */
export async function isMeetingPlaceOpen(key: string): Promise<boolean> {
  for (const base of bases()) {
    try {
      await stat(join(base, folderOfUser(), key));
      return true;
    } catch {
      // Not here.
    }
  }
  return false;
}

/**
 * Removes what groups that have long ended left behind.
 *
 * @param isAlive whether somebody listens on a socket
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

function openFolder(key: string): string {
  const failures: string[] = [];
  for (const base of bases()) {
    try {
      const own = join(base, folderOfUser());
      makePrivate(own);
      const folder = join(own, key);
      const longest = socketPath(folder, 99_999);
      if (!isWindows && Buffer.byteLength(longest) > maxSocketPathBytes) {
        throw new Error(`the path ${longest} is too long for a socket`);
      }
      makePrivate(folder);
      return folder;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(failures.join('; '));
}

const leftPrefix = 'left-';
const socketPath = (folder: string, leader: number) => join(folder, `leader-${leader}`);

function bases(): string[] {
  return process.platform === 'linux' ? [tmpdir(), '/dev/shm'] : [tmpdir()];
}

const folderOfUser = () => `throughline-${process.getuid?.() ?? userInfo().username}`;

/** Anybody may have made a folder of this name before, in a folder that is open to all. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { mode, uid } = lstatSync(folder);
  if (isWindows) return;
  const isFolder = (mode & 0o170000) === 0o040000;
  if (!isFolder || uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a private folder of this user`);
  }
}
