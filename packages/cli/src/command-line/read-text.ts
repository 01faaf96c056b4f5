import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandIo } from './command.js';
import { CommandError } from './errors.js';

/**
 * The text at a URL, in a file, or on stdin (`-`).
 *
 * @param headers sent with the request to a URL
 * @throws CommandError `OBS_COMMAND_INPUT` when it cannot be read
 */
export async function readText(
  source: string,
  io: CommandIo,
  { headers, timeoutMillis }: { readonly headers: Record<string, string>; readonly timeoutMillis: number },
): Promise<string> {
  try {
    if (source === '-') return await io.input();
    if (!/^https?:\/\//i.test(source)) return await readFile(resolve(io.folder, source), 'utf8');
    const response = await fetch(source, { headers, signal: AbortSignal.timeout(timeoutMillis) });
    if (!response.ok) throw new Error(`the answer is ${response.status} ${response.statusText}`.trim());
    return await response.text();
  } catch (cause) {
    throw new CommandError('OBS_COMMAND_INPUT', `${source} could not be read: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/** `fetch` says "fetch failed" and keeps the reason as its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? error.message);
}
