import type { Part } from '../model/part.js';

type ReallyExit = (code?: number) => never;

/**
 * Calls back when the process (in a worker thread: the thread) is over and nothing of it will run any more: behind the
 * last listener of 'exit', or where `process.reallyExit` is called without them. What the callback does must be
 * synchronous; the exit code is what it was.
 */
export function watchProcessEnd(atEnd: () => void): Part {
  let isStopped = false;
  const tell = () => {
    if (isStopped) return;
    try {
      atEnd();
    } catch {
      // The end of the process must not depend on us.
    }
  };

  const { emit } = process;
  const overhear = function overhear(this: NodeJS.Process, ...args: unknown[]) {
    if (args[0] === 'uncaughtException') return handOver(args);
    if (args[0] !== 'exit') return Reflect.apply(emit, this, args);
    try {
      return Reflect.apply(emit, this, args);
    } finally {
      tell();
    }
  };
  /** A handler that throws ends the process at once, without 'exit'. */
  const handOver = (args: unknown[]) => {
    // Not caught and thrown again: Node shows the line that throws.
    let hasThrown = true;
    try {
      const isHandled = Reflect.apply(emit, process, args);
      hasThrown = false;
      return isHandled;
    } finally {
      if (hasThrown) tell();
    }
  };
  process.emit = overhear as typeof emit;

  // `process.exit` also calls it, and calls it directly if a listener of 'exit' calls `process.exit` again.
  const owner = process as unknown as { reallyExit?: ReallyExit };
  const { reallyExit } = owner;
  const exitAfter = function exitAfter(this: unknown, code?: number) {
    tell();
    return Reflect.apply(reallyExit as ReallyExit, this, [code]);
  } as ReallyExit;
  if (typeof reallyExit === 'function') owner.reallyExit = exitAfter;

  return {
    stop() {
      isStopped = true;
      // If other code has wrapped it in the meantime, it stays in place and reports nothing more.
      if (process.emit === overhear) process.emit = emit;
      if (owner.reallyExit === exitAfter && reallyExit) owner.reallyExit = reallyExit;
    },
  };
}
