import { join } from 'node:path';
import type { Environment } from '@throughline/core/internal';
import type { CommandIo } from '../command-line/command.js';
import { type RecordedFile, removeRecord, writeRecord } from './change/record.js';
import { bytesOf, type FileChange, putBackAll, writeAll } from './change/write.js';
import { install } from './install.js';
import type { Findings } from './plan.js';
import { installCommand, installedFiles } from './service/package-manager.js';

/**
 * Writes the files, installs, and records what changed. If one of these fails, all files are put back.
 *
 * @throws CommandError `OBS_INIT_NOT_WRITTEN` or `OBS_INIT_INSTALL_FAILED`
 */
export async function apply(run: {
  readonly folder: string;
  readonly found: Findings;
  readonly changes: readonly FileChange[];
  readonly installs: boolean;
  readonly environment: Environment;
  readonly io: CommandIo;
}): Promise<void> {
  const { folder, found, changes, installs, environment, io } = run;
  const { name, root } = found.packageManager;
  const written = changes.map(({ path, before }) => ({
    path,
    before: before === undefined ? undefined : Buffer.from(before),
  }));
  const locks = installs
    ? installedFiles.map((file) => ({ path: join(root, file), before: bytesOf(join(root, file)) }))
    : [];
  const files = [...written, ...locks];
  // Before anything is written, so that a command that is killed can be undone.
  const record = writeRecord(folder, undefined, name, changes.map(planned));
  try {
    writeAll(changes);
    if (installs) {
      io.problem(io.style('dim', `Running ${installCommand(name).join(' ')} …`));
      await install(found.packageManager, environment);
    }
    writeRecord(folder, record, name, files.map(asItIs).filter(isChanged));
  } catch (error) {
    putBackAll(files.filter((file) => isChanged(asItIs(file))));
    removeRecord(folder, record);
    throw error;
  }
  io.problem(`Written: ${changes.map((change) => change.name).join(', ')}.`);
}

function planned({ path, before, after }: FileChange): RecordedFile {
  return { path, before: before === undefined ? undefined : Buffer.from(before), after: Buffer.from(after) };
}

function asItIs({
  path,
  before,
}: {
  readonly path: string;
  readonly before: Buffer | undefined;
}): RecordedFile {
  return { path, before, after: bytesOf(path) };
}

function isChanged({ before, after }: RecordedFile): boolean {
  return before === undefined || after === undefined ? before !== after : !before.equals(after);
}
