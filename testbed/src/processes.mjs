import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const keptLines = 2_000;
const isWindows = process.platform === 'win32';

/** The processes of one demo. Each is in a separate process group, so that Ctrl-C reaches only the demo, which then stops them. */
export function createProcesses() {
  const running = new Set();
  // The last resort, should the demo itself come to grief.
  process.on('exit', killAll);

  /**
   * @param options `logFile` gets what the process writes; `stopSignal` asks it, and with `wholeGroup` its own
   *   children too, to end; the rest is for `spawn`
   */
  function start(name, command, args, options = {}) {
    const {
      logFile,
      stopSignal = 'SIGTERM',
      wholeGroup = true,
      graceMillis = 10_000,
      ...spawnOptions
    } = options;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !isWindows,
      ...spawnOptions,
    });
    const lines = [];
    const listeners = new Set();
    const log = logFile && openSync(logFile, 'w');
    let end;
    const onLine = (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      if (log && !end) writeSync(log, `${line}\n`);
      for (const listener of listeners) listener(line);
    };
    const outputs = [child.stdout, child.stderr].map((stream) => {
      const output = createInterface({ input: stream });
      output.on('line', onLine);
      return new Promise((resolve) => output.once('close', resolve));
    });
    const ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ error, reason: error.message }));
      child.once('exit', (code, signal) => resolve({ code, reason: signal ?? `exit code ${code}` }));
    }).then(async (result) => {
      // A grandchild may hold the pipes open.
      await Promise.race([Promise.all(outputs), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      end = result;
      if (log) closeSync(log);
      return result;
    });

    const started = {
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

      async stop() {
        if (wholeGroup) kill(child, stopSignal);
        else child.kill(stopSignal);
        const timer = setTimeout(() => kill(child, 'SIGKILL'), graceMillis);
        await ended;
        clearTimeout(timer);
        if (wholeGroup) await groupEnded(child);
        return end;
      },
      kill: () => kill(child, 'SIGKILL'),
    };
    running.add(started);
    ended.then(() => running.delete(started));
    return started;
  }

  return {
    start,
    /** Ends what is still running: what was being installed, built or started when the demo was interrupted. */
    stopAll: () => Promise.all([...running].map((started) => started.stop())),
    killAll,
  };

  function killAll() {
    for (const started of running) started.kill();
  }
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

/** What npx or pnpm started ends a little later than they do. */
async function groupEnded({ pid }) {
  if (isWindows || pid === undefined) return;
  const deadline = performance.now() + 1_000;
  while (performance.now() < deadline) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  kill({ pid }, 'SIGKILL');
}

function failure(what, lines) {
  const tail = lines.slice(-20).map((line) => `      ${line.slice(0, 400)}`);
  return new Error([`${what}${tail.length > 0 ? ':' : '.'}`, ...tail].join('\n'));
}
