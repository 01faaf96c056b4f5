/*
 * Programs that a command starts, with everything that they start in turn. On Windows npm, npx and their like are
 * scripts, which only a shell can start, and there are no signals.
 */
import {
  type ChildProcess,
  type ChildProcessByStdio,
  type SpawnOptionsWithStdioTuple,
  spawn,
  spawnSync,
} from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Environment } from '@throughline/core/internal';

const isWindows = process.platform === 'win32';

export interface ProgramToStart {
  /** A program with its arguments, or a line for the shell. */
  readonly command: readonly string[] | string;
  readonly folder: string;
  readonly environment: Environment;
  /**
   * Whether it is alone in a group, so that a signal reaches what it starts. Ctrl-C then reaches this process only.
   * Default: true.
   */
  readonly isGroup?: boolean;
}

/** Its output can be read; its input is empty. */
export function startProgram(start: ProgramToStart): ChildProcessByStdio<null, Readable, Readable> {
  const { command, folder, environment, isGroup = true } = start;
  const options = {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: isGroup && !isWindows,
  } satisfies SpawnOptionsWithStdioTuple<'ignore', 'pipe', 'pipe'>;
  if (typeof command === 'string') return spawn(command, { ...options, shell: true });
  const [program = '', ...args] = command;
  const isScript = isWindows && !isExecutable(program, environment.Path ?? environment.PATH ?? '');
  return isScript ? spawn(shellLine(command), { ...options, shell: true }) : spawn(program, args, options);
}

/** Sends a signal to the program and to everything that it has started. On Windows all of them are ended. */
export function signalProgram({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (isWindows) {
    if (exitCode === null && signalCode === null)
      spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, name);
  } catch {
    // All of its processes have ended.
  }
}

/**
 * A command as a line for cmd.exe, which passes it on to a script. Within quotes only `"` and `%` have a meaning;
 * variables are replaced, as in every line of cmd.exe.
 */
export function shellLine(command: readonly string[]): string {
  return command
    .map((word) =>
      /^[\w@:./\\=+,-]+$/.test(word) ? word : `"${word.replaceAll('"', '""').replace(/\\+$/, '$&$&')}"`,
    )
    .join(' ');
}

/** Whether Windows starts a program without a shell: it looks for files that end with `.exe` or `.com`. */
function isExecutable(program: string, path: string): boolean {
  if (/\.(?:exe|com)$/i.test(program)) return true;
  const folders = /[\\/]/.test(program) ? [''] : path.split(';').filter((folder) => folder !== '');
  return folders.some((folder) =>
    ['.exe', '.com'].some((ending) => existsSync(join(folder, program + ending))),
  );
}
