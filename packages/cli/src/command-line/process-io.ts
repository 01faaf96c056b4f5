import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import type { CommandIo } from './command.js';

/** Standard input and output of this process. */
export function processIo(): CommandIo & { close(): Promise<void> } {
  const { stdout, stderr, stdin } = process;
  for (const stream of [stdout, stderr]) {
    // A reader such as `head` may close the pipe early; that is not a failure of the command.
    stream.on('error', () => {});
  }
  // `hasColors` knows NO_COLOR and FORCE_COLOR: https://nodejs.org/api/tty.html#writestreamhascolorscount-env
  const coloured = stdout.isTTY === true && stdout.hasColors();
  return {
    out: (line) => stdout.write(`${line}\n`),
    problem: (line) => stderr.write(`${line}\n`),
    input: () => text(stdin),
    async confirm(question) {
      const answer = await ask(`${question} [y/N]`);
      return answer === undefined ? undefined : /^y(?:es)?$/i.test(answer);
    },
    ask,
    style: (style, plain) => (coloured ? styleText(style, plain) : plain),
    // Longer lines are hard to read, however wide the terminal.
    width: Math.min(Math.max(stdout.columns || 100, 60), 120),
    folder: process.cwd(),
    /** Waits until all output is written; writes to a pipe are asynchronous. */
    async close() {
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
      );
    },
  };
}

async function ask(question: string): Promise<string | undefined> {
  const { stderr, stdin } = process;
  if (!stdin.isTTY) return undefined;
  const lines = createInterface({ input: stdin, output: stderr });
  // Ctrl-D counts as no answer.
  const closed = once(lines, 'close').then(() => '');
  const answer = await Promise.race([lines.question(`${question} `), closed]);
  lines.close();
  return answer.trim();
}
