import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LineFile } from './line-file.js';

const checkMillis = 1_000;

/**
 * A file that others rotate. It is opened again on SIGHUP, which is how logrotate tells, and when the path leads to
 * another file than the open one, for those who move it without a word.
 */
export function appendingFile(path: string): LineFile {
  let handle: FileHandle | undefined;
  let inode: number | undefined;
  let nextCheckMillis = 0;

  const onHangUp = () => {
    nextCheckMillis = 0;
  };
  process.on('SIGHUP', onHangUp);

  async function closeHandle(): Promise<void> {
    const closing = handle;
    handle = undefined;
    await closing?.close().catch(() => {});
  }
  async function opened(): Promise<FileHandle> {
    const now = performance.now();
    if (handle && now >= nextCheckMillis) {
      const current = await stat(path).catch(() => undefined);
      if (current?.ino !== inode) await closeHandle();
    }
    if (!handle) {
      handle = await openFile(path);
      inode = (await handle.stat()).ino;
    }
    if (now >= nextCheckMillis) nextCheckMillis = now + checkMillis;
    return handle;
  }

  return {
    async append(text) {
      let written = 0;
      try {
        const target = await opened();
        const bytes = Buffer.from(text);
        while (written < bytes.length) {
          const { bytesWritten } = await target.write(bytes, written, bytes.length - written);
          written += bytesWritten;
        }
        return undefined;
      } catch (error) {
        await closeHandle();
        return { error: error as Error, torn: written > 0 };
      }
    },
    async close() {
      process.off('SIGHUP', onHangUp);
      await closeHandle();
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    return open(path, 'a');
  }
}

/**
 * Not `recursive`: where a file system answers ENOENT for a folder whose parent exists, as `/proc` does, Node 20 tries
 * for ever, and the process does not end.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}
