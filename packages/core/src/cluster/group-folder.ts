import { existsSync, lstatSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/*
 * The folders in which the processes of groups find each other. This file is loaded in every service; what only
 * a service of several processes needs is in meeting-place.ts.
 */

export const isWindows = process.platform === 'win32';
/** Longest path of a socket: macOS takes 104 bytes with the final zero, Linux four more. */
const maxSocketPathBytes = 103;

/** Whether there is, or was, such a group. */
export function isMeetingPlaceOpen(key: string): boolean {
  return bases().some((base) => existsSync(join(base, folderOfUser(), key)));
}

const leftPrefix = 'left-';
const unfinished = '.new';

/** Leaves a text for the leader of the group, in a process that is ending. A reader finds the whole text or none. */
export function leaveText(key: string, processId: string, text: string): void {
  const file = join(openGroupFolder(key), `${leftPrefix}${processId}`);
  writeFileSync(`${file}${unfinished}`, text, { mode: 0o600 });
  renameSync(`${file}${unfinished}`, file);
}

export const isLeftText = (name: string) => name.startsWith(leftPrefix) && !name.endsWith(unfinished);

/**
 * Opens the private folder of a group: below the temporary folder of the system, or in shared memory where that
 * cannot be written to, as in a container with a read-only file system.
 *
 * @throws if the folder cannot be made, or if other users can read it
 */
export function openGroupFolder(key: string): string {
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

export const socketPath = (folder: string, leader: number) => join(folder, `leader-${leader}`);

export function bases(): string[] {
  return process.platform === 'linux' ? [tmpdir(), '/dev/shm'] : [tmpdir()];
}

export const folderOfUser = () => `throughline-${process.getuid?.() ?? userInfo().username}`;

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
