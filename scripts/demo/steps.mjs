/** Prints one line per step, with the time it took. */
export function createSteps({ stdout, signal }) {
  const live = stdout.isTTY === true;

  /** @param work returns a note for the end of the line, or nothing */
  return async function step(label, work) {
    signal.throwIfAborted();
    const start = performance.now();
    const line = `  ${`${label} `.padEnd(36, '.')} `;
    stdout.write(line);
    const ticking = live
      ? setInterval(() => stdout.write(`\r${line}${seconds(start)}`), 1_000).unref()
      : undefined;
    try {
      const note = await untilAborted(work(), signal);
      stdout.write(`${live ? `\r${line}` : ''}${seconds(start)}${note ? `  ${note}` : ''}\n`);
    } catch (error) {
      stdout.write(`${live ? `\r${line}` : ''}${signal.aborted ? 'stopped' : 'failed'}\n`);
      throw error;
    } finally {
      clearInterval(ticking);
    }
  };
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Work that is cancelled may still fail later, when what it uses is stopped. That failure is ignored. */
function untilAborted(work, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
