import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { signalProgram, startProgram } from '../../command-line/child-program.js';
import { maxLineLength } from '../intake/log-line.js';

/** A command that starts a service. */
export interface ServiceCommand {
  /** The name that the user gave it. */
  readonly name: string | undefined;
  /** A program with its arguments, or a line for the shell. */
  readonly command: readonly string[] | string;
}

export interface ServiceEnd {
  /** As a shell reports it: 128 and the number of the signal, if one ended the process; 127 if there is no program. */
  readonly exitCode: number;
  readonly reason: string;
}

/** A service that this command has started. */
export interface StartedService {
  readonly pid: number | undefined;
  readonly ended: Promise<ServiceEnd>;
  /** Sends a signal to the service and to all processes that it started. */
  signal(name: NodeJS.Signals): void;
}

export function startService(
  { command }: ServiceCommand,
  options: {
    readonly folder: string;
    readonly variables: Readonly<Record<string, string | undefined>>;
    onLine(line: string, channel: 'stdout' | 'stderr'): void;
  },
): StartedService {
  const child = startProgram({ command, folder: options.folder, environment: options.variables });
  const outputs = [
    readLines(child.stdout, (line) => options.onLine(line, 'stdout')),
    readLines(child.stderr, (line) => options.onLine(line, 'stderr')),
  ];
  const ended = new Promise<ServiceEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT';
      resolve({ exitCode: isMissing ? 127 : 126, reason: isMissing ? 'no such program' : error.message });
    });
    child.once('close', (code, signal) => resolve(endOf(code, signal)));
  });
  return {
    pid: child.pid,
    ended: ended.then(async (end) => {
      await Promise.all(outputs);
      return end;
    }),
    signal: (name) => signalProgram(child, name),
  };
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ServiceEnd {
  if (signal === null) return { exitCode: code ?? 1, reason: `exit code ${code ?? 1}` };
  return { exitCode: 128 + constants.signals[signal], reason: signal };
}

/** Calls back for each line. A line that is too long is cut, and the rest of it is skipped. */
function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    // One more than a line may have, so that the reader of the line knows that it was cut.
    if (rest.length > maxLineLength) rest = rest.slice(0, maxLineLength + 1);
  };
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  return new Promise((resolve) => {
    stream.once('close', () => {
      rest += decoder.end();
      if (rest !== '') onLine(rest);
      rest = '';
      resolve();
    });
    stream.on('error', () => {});
  });
}
