import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { CommandError } from '../../command-line/errors.js';
import { hashOf, readLastRun, removeRecord } from './record.js';
import { bytesOf, checkWritable, type FileChange, writeAll } from './write.js';

export interface Undone {
  readonly restored: readonly string[];
  readonly removed: readonly string[];
  readonly packageManager: string;
}

/**
 * Restores the files of the last run byte for byte.
 *
 * @param isShown only says what would be done
 * @throws CommandError `OBS_INIT_UNDO` when a file was changed after that run: then nothing is restored
 */
export function undoLastRun(folder: string, isShown: boolean): Undone {
  const { run, files, packageManager } = readLastRun(folder);
  const nameOf = (path: string) => relative(folder, path);
  const now = files.map((file) => ({ ...file, bytes: bytesOf(file.path) }));
  const isBefore = ({ bytes, before }: (typeof now)[number]) =>
    bytes === undefined || before === undefined ? bytes === before : bytes.equals(before);
  const changed = now.filter(
    (file) => !isBefore(file) && (file.bytes && hashOf(file.bytes)) !== (file.after ?? undefined),
  );
  if (changed.length > 0) {
    const names = changed.map(({ path }) => nameOf(path)).join(', ');
    throw new CommandError(
      'OBS_INIT_UNDO',
      `Changed after \`throughline init\`, so nothing was restored: ${names}.`,
    );
  }
  const open = now.filter((file) => !isBefore(file));
  const restored = open.filter(({ before }) => before !== undefined);
  const removed = open.filter(({ before }) => before === undefined);
  const undone = {
    restored: restored.map(({ path }) => nameOf(path)),
    removed: removed.map(({ path }) => nameOf(path)),
    packageManager,
  };
  if (isShown) return undone;
  const changes = restored.map(({ path, before, bytes }): FileChange<Buffer> => {
    return { path, name: nameOf(path), before: bytes, after: before as Buffer };
  });
  checkWritable(changes);
  writeAll(changes);
  for (const { path } of removed) rmSync(path, { force: true });
  removeRecord(folder, run);
  return undone;
}
