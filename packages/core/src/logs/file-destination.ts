import { appendFileSync } from 'node:fs';
import type { ExportObserver } from '../export/counted-queue.js';
import type { FileDestination } from '../options/log-options.js';
import type { LineFile } from './line-file.js';

export interface FileOutput {
  write(line: string): void;
  /** Resolves when everything that was written before has been appended, or has failed. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What may wait in memory for a slow disk, in characters; beyond that lines are dropped and counted. */
const maxPendingLength = 8 * 1024 * 1024;

/**
 * Writes lines to a file without ever holding up the service: batches go out one after the other, what a full or
 * broken disk refuses is counted, and the next batch tries again.
 *
 * @param lossLine a line about lines that were lost and not reported yet: the last one before the end
 */
export function createFileOutput(
  destination: FileDestination,
  observer: ExportObserver,
  lossLine: () => string | undefined = () => undefined,
): FileOutput {
  const path = destination.file.replaceAll('{pid}', String(process.pid));
  const rotates = destination.maxSizeBytes !== undefined || destination.rotateEvery !== undefined;
  // Loaded where lines go to files only.
  const file = rotates ? openRotating(path, destination) : openAppending(path);

  let pending: string[] = [];
  let pendingLength = 0;
  let writing: Promise<void> | undefined;
  let torn = false;

  const take = () => {
    const lines = pending;
    pending = [];
    pendingLength = 0;
    return { text: `${torn ? '\n' : ''}${lines.join('\n')}\n`, count: lines.length };
  };
  const settle = (count: number, startMillis: number, error?: Error) => {
    const durationSeconds = (performance.now() - startMillis) / 1000;
    if (error) observer.failed(count, durationSeconds, error);
    else observer.exported(count, durationSeconds);
  };
  async function writeAll(): Promise<void> {
    // The lines of one turn of the event loop go out together.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const { text, count } = take();
      const startMillis = performance.now();
      const failure = await (await file).append(text);
      torn = failure ? failure.torn || torn : false;
      settle(count, startMillis, failure?.error);
    }
    writing = undefined;
  }

  /** The process ends at once: what waits is appended while it does. */
  const onExit = () => {
    addLossLine();
    if (pending.length === 0) return;
    const { text, count } = take();
    const startMillis = performance.now();
    try {
      appendFileSync(path, text);
      settle(count, startMillis);
    } catch (error) {
      settle(count, startMillis, error as Error);
    }
  };
  process.on('exit', onExit);

  function addLossLine(): void {
    const line = lossLine();
    if (line !== undefined) pending.push(line);
  }

  return {
    write(line) {
      if (pendingLength > maxPendingLength) {
        observer.dropped(1);
        return;
      }
      pending.push(line);
      pendingLength += line.length;
      writing ??= writeAll();
    },
    async flush() {
      await writing;
    },
    async close() {
      await writing;
      addLossLine();
      if (pending.length > 0) await writeAll();
      process.off('exit', onExit);
      await (await file).close();
    },
  };
}

async function openRotating(path: string, destination: FileDestination): Promise<LineFile> {
  const { rotatingFile } = await import('./file-rotation.js');
  return rotatingFile(path, destination);
}

async function openAppending(path: string): Promise<LineFile> {
  const { appendingFile } = await import('./append-only-file.js');
  return appendingFile(path);
}
