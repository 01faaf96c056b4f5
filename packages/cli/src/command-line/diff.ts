import { createTwoFilesPatch } from 'diff';
import type { CommandIo } from './command.js';

/** A unified diff of one file, as `git apply` takes it. A file that is not there is undefined. */
export function unifiedDiff(name: string, before: string | undefined, after: string): string {
  const from = before === undefined ? '/dev/null' : `a/${name}`;
  return createTwoFilesPatch(from, `b/${name}`, before ?? '', after, '', '').replace(/^=+\n/, '');
}

/** Prints a diff to stdout, in colours on a terminal. */
export function printDiff(diff: string, io: CommandIo): void {
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    io.out(
      line.startsWith('-') ? io.style('red', line) : line.startsWith('+') ? io.style('green', line) : line,
    );
  }
}
