import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError } from '../../command-line/errors.js';
import { problemOf } from '../../scan/code/problem.js';

/** One file before and after. */
export interface FileChange<T extends string | Buffer = string> {
  readonly path: string;
  /** As shown to the user. */
  readonly name: string;
  /** Undefined for a file that is new. */
  readonly before: T | undefined;
  readonly after: T;
}

/**
 * Finds out whether all files can be written, before anything is.
 *
 * @throws CommandError `OBS_INIT_NOT_WRITTEN`
 */
export function checkWritable(changes: readonly FileChange<string | Buffer>[]): void {
  for (const { path, name, before } of changes) {
    try {
      accessSync(dirname(before === undefined ? path : realpathSync(path)), constants.W_OK);
      if (before !== undefined) accessSync(path, constants.W_OK);
    } catch (cause) {
      throw notWritten(name, cause);
    }
  }
}

/**
 * Writes all files, or none: each is written beside its place, then all are moved there. A file keeps its rights, and
 * a link stays a link.
 *
 * @throws CommandError `OBS_INIT_NOT_WRITTEN`, after the files are as they were
 */
export function writeAll(changes: readonly FileChange<string | Buffer>[]): void {
  const staged: { change: FileChange<string | Buffer>; target: string; temporary: string }[] = [];
  const moved: { change: FileChange<string | Buffer>; target: string }[] = [];
  let current = '';
  try {
    for (const change of changes) {
      current = change.name;
      if (!isSame(bytesOf(change.path), change.before))
        throw new Error('the file has changed since it was read');
      const target = change.before === undefined ? change.path : realpathSync(change.path);
      const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
      staged.push({ change, target, temporary });
      writeFileSync(temporary, change.after, { flag: 'wx' });
      if (change.before !== undefined) chmodSync(temporary, statSync(target).mode);
    }
    for (const { change, target, temporary } of staged) {
      current = change.name;
      // A folder in the place of a new file, for example, fails here.
      renameSync(temporary, target);
      moved.push({ change, target });
    }
  } catch (cause) {
    for (const { change, target } of moved) putBack(target, change.before);
    throw cause instanceof CommandError ? cause : notWritten(current, cause);
  } finally {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
  }
}

/** Undoes what {@link writeAll} did, whatever the files are now. */
export function putBackAll(
  changes: readonly { readonly path: string; readonly before: string | Buffer | undefined }[],
): void {
  for (const { path, before } of changes) putBack(path, before);
}

function putBack(path: string, before: string | Buffer | undefined): void {
  if (before === undefined) rmSync(path, { force: true });
  else writeFileSync(path, before);
}

function isSame(bytes: Buffer | undefined, before: string | Buffer | undefined): boolean {
  if (bytes === undefined || before === undefined) return bytes === before;
  return bytes.equals(typeof before === 'string' ? Buffer.from(before) : before);
}

/** The bytes of a file; undefined where there is none. */
export function bytesOf(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** Creates a folder that may be there already. */
export function makeFolder(path: string): void {
  try {
    if (!existsSync(path)) mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

function notWritten(name: string, cause: unknown): CommandError {
  return new CommandError('OBS_INIT_NOT_WRITTEN', `${name} cannot be written: ${problemOf(cause)}.`, {
    cause,
  });
}
