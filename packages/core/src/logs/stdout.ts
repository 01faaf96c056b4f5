const ignore = () => {};

/**
 * Writes a line to stdout the way `console.log` does: a reader that has gone away (EPIPE) costs the line, not
 * the process.
 */
export function writeToStdout(line: string): void {
  const { stdout } = process;
  stdout.write(`${line}\n`, (error) => {
    if (error && stdout.listenerCount('error') === 0) stdout.once('error', ignore);
  });
}
