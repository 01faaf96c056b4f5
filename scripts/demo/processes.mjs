import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const keptLines = 2_000;
const isWindows = process.platform === 'win32';

/** The processes of one demo: each in a group of its own, so that Ctrl-C reaches the demo, and it alone stops them. */
export function createProcesses() {
  const running = new Set();
  // The last resort, should the demo itself come to grief.
  process.on('exit', () => {
    for (const child of running) kill(child, 'SIGKILL');
  });

  /** @param options `logFile` gets what the process writes; the rest is for `spawn` */
  function start(name, command, args, { logFile, ...options } = {}) {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
      ...options,
    });
    running.add(child);
    const lines = [];
    const listeners = new Set();
    const log = logFile && createWriteStream(logFile);
    const onLine = (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      log?.write(`${line}\n`);
      for (const listener of listeners) listener(line);
    };
    const outputs = [child.stdout, child.stderr].map((stream) => {
      const output = createInterface({ input: stream });
      output.on('line', onLine);
      return new Promise((resolve) => output.once('close', resolve));
    });
    let end;
    const ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ error, reason: error.message }));
      child.once('exit', (code, signal) => resolve({ code, reason: signal ?? `exit code ${code}` }));
    }).then(async (result) => {
      running.delete(child);
      // A grandchild may hold the pipes open.
      await Promise.race([Promise.all(outputs), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      log?.end();
      end = result;
      return result;
    });

    return {
      name,
      pid: child.pid,
      /** What it wrote, line by line; the latest few thousand. */
      lines,
      ended,
      isRunning: () => end === undefined,

      /** The first value that `read` makes of a line, written already or still to come. */
      async fromLine(read, timeoutMillis = 20_000) {
        for (const line of lines) {
          const value = read(line);
          if (value !== undefined) return value;
        }
        let listener;
        let timer;
        try {
          return await new Promise((resolve, reject) => {
            listener = (line) => {
              const value = read(line);
              if (value !== undefined) resolve(value);
            };
            listeners.add(listener);
            ended.then(({ reason }) => reject(failure(`${name} ended (${reason})`, lines)));
            timer = setTimeout(
              () => reject(failure(`${name} was not ready after ${timeoutMillis / 1000} s`, lines)),
              timeoutMillis,
            );
          });
        } finally {
          clearTimeout(timer);
          listeners.delete(listener);
        }
      },

      /** Waits for its end and rejects if it failed. */
      async succeeded() {
        const { code, reason } = await ended;
        if (code !== 0) throw failure(`${name} failed (${reason})`, lines);
      },

      async stop({ signal = 'SIGTERM', graceMillis = 10_000, wholeGroup = true } = {}) {
        if (end === undefined) {
          if (wholeGroup) kill(child, signal);
          else child.kill(signal);
          const timer = setTimeout(() => kill(child, 'SIGKILL'), graceMillis);
          await ended;
          clearTimeout(timer);
        }
        return end;
      },
    };
  }

  return {
    start,
    killAll: () => {
      for (const child of running) kill(child, 'SIGKILL');
    },
    get count() {
      return running.size;
    },
  };
}

function kill(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}

function failure(what, lines) {
  const tail = lines.slice(-20).map((line) => `      ${line.slice(0, 400)}`);
  return new Error([`${what}${tail.length > 0 ? ':' : '.'}`, ...tail].join('\n'));
}
