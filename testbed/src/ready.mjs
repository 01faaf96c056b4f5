/**
 * Waits until an address answers with success.
 *
 * @param server the process behind it; when it ends, so does the waiting
 * @throws with the last lines of the server, for one that does not get there in time
 */
export async function untilReady(name, url, server, patienceMillis) {
  const deadline = performance.now() + patienceMillis;
  while (performance.now() < deadline && server.isRunning()) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error([`${name} was not ready:`, ...server.lines.slice(-20)].join('\n'));
}
