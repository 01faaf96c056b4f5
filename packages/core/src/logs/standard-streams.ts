const ignore = () => {};

/**
 * Writes a line to stdout the way `console.log` does: a reader that has gone away (EPIPE) costs the line, not
 * the process.
 */
export function writeToStdout(line: string): void {
  process.stdout.write(`${line}\n`, onWritten);
}

function onWritten(error: Error | null | undefined): void {
  const { stdout } = process;
  if (error && stdout.listenerCount('error') === 0) stdout.once('error', ignore);
}

/** The same for stderr. */
export function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`, onWrittenToStderr);
}

function onWrittenToStderr(error: Error | null | undefined): void {
  const { stderr } = process;
  if (error && stderr.listenerCount('error') === 0) stderr.once('error', ignore);
}
