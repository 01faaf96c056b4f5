import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { CommandError } from '../../command-line/errors.js';
import { makeFolder } from './write.js';

/*
 * What `init` changed is kept in .throughline/init, so that it can be undone without git: a folder for each run, with
 * the files as they were and a list of them.
 */

/** Increases when older versions of this command cannot read a record. */
const schemaVersion = 1;

/** A file as it was before a run, and as it was after. */
export interface RecordedFile {
  readonly path: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

interface RecordFile {
  readonly schemaVersion: number;
  readonly packageManager: string;
  readonly files: readonly {
    /** Relative to the folder of the service. */
    readonly path: string;
    /** Name of the copy; null for a file that is new. */
    readonly copy: string | null;
    /** SHA-256 of the file after the run; null where it is gone. */
    readonly after: string | null;
  }[];
}

/**
 * Writes the record of a run.
 *
 * @param known the run, to write its record again; undefined for a new one
 * @returns the run
 */
export function writeRecord(
  folder: string,
  known: number | undefined,
  packageManager: string,
  files: readonly RecordedFile[],
): number {
  const run = known ?? (runsIn(folder).at(-1) ?? 0) + 1;
  const place = join(folder, '.throughline', 'init', String(run));
  makeFolder(place);
  // So that the record is not committed: it helps on this machine only.
  const ignore = join(folder, '.throughline', '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  const record: RecordFile = {
    schemaVersion,
    packageManager,
    files: files.map(({ path, before, after }, index) => {
      const copy = before === undefined ? null : `${index}.before`;
      if (before !== undefined && copy !== null) writeFileSync(join(place, copy), before);
      return {
        path: relative(folder, path).split(sep).join('/'),
        copy,
        after: after === undefined ? null : hashOf(after),
      };
    }),
  };
  writeFileSync(join(place, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  return run;
}

/** Removes a record, and the folders that held nothing else. */
export function removeRecord(folder: string, run: number): void {
  const base = join(folder, '.throughline');
  rmSync(join(base, 'init', String(run)), { recursive: true, force: true });
  if (runsIn(folder).length > 0) return;
  rmSync(join(base, 'init'), { recursive: true, force: true });
  if (readdirSync(base).every((name) => name === '.gitignore')) {
    rmSync(join(base, '.gitignore'), { force: true });
    rmdirSync(base);
  }
}

export interface LastRun {
  readonly run: number;
  readonly packageManager: string;
  readonly files: readonly {
    readonly path: string;
    readonly before: Buffer | undefined;
    readonly after: string | null;
  }[];
}

/**
 * The last run that was not undone.
 *
 * @throws CommandError `OBS_INIT_UNDO` when there is none, or its record is damaged
 */
export function readLastRun(folder: string): LastRun {
  const run = runsIn(folder).at(-1);
  if (run === undefined) {
    throw new CommandError(
      'OBS_INIT_UNDO',
      `There is no record of \`throughline init\` in ${join(folder, '.throughline')}.`,
      {
        fix: 'Run the command in the folder of the service that was changed.',
      },
    );
  }
  const place = join(folder, '.throughline', 'init', String(run));
  try {
    const record = JSON.parse(readFileSync(join(place, 'record.json'), 'utf8')) as RecordFile;
    if (record.schemaVersion !== schemaVersion) throw new Error('a newer version of this command wrote it');
    return {
      run,
      packageManager: record.packageManager,
      files: record.files.map(({ path, copy, after }) => ({
        path: resolve(folder, path),
        before: copy === null ? undefined : readFileSync(join(place, copy)),
        after,
      })),
    };
  } catch (cause) {
    throw new CommandError(
      'OBS_INIT_UNDO',
      `The record in ${place} cannot be used: ${(cause as Error).message}.`,
      {
        cause,
        fix: 'Remove what `throughline init` added by hand, or restore the files from version control.',
      },
    );
  }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function runsIn(folder: string): number[] {
  const place = join(folder, '.throughline', 'init');
  if (!existsSync(dirname(place)) || !existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
