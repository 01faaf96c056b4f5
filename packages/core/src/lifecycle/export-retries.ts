interface RetryingTransport {
  _transport: { send(data: unknown, timeoutMillis: number): Promise<{ status: string; error?: Error }> };
  retry(data: unknown, timeoutMillis: number, inMillis: number): Promise<unknown>;
}

/**
 * Takes the retries of a stock OTLP exporter in hand. Its timers hold the process for the whole export timeout
 * when there is no backend, also after shutdown: here they do not, and once the process ends there are none.
 *
 * @returns from now on a failed export is not tried again, and those that wait fail at once
 */
export function controlRetries(exporter: object): () => void {
  // The exporter offers no other way in; without these parts its own retries stay.
  const delegate = Reflect.get(exporter, '_delegate') as { _transport?: RetryingTransport } | undefined;
  const transport = delegate?._transport;
  if (typeof transport?.retry !== 'function' || typeof transport._transport?.send !== 'function') {
    return () => {};
  }
  const inner = transport._transport;
  const waiting = new Set<() => void>();
  let lastError: Error | undefined;
  let ending = false;

  const send = inner.send.bind(inner);
  inner.send = async (data, timeoutMillis) => {
    const response = await send(data, timeoutMillis);
    lastError = response.error;
    return response;
  };
  transport.retry = (data, timeoutMillis, inMillis) =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        waiting.delete(giveUp);
        resolve({ status: 'failure', error: lastError ?? new Error('the process is ending') });
      };
      const timer = setTimeout(() => {
        waiting.delete(giveUp);
        inner.send(data, timeoutMillis).then(resolve, reject);
      }, inMillis);
      timer.unref();
      waiting.add(giveUp);
      if (ending) giveUp();
    });
  return () => {
    ending = true;
    for (const giveUp of [...waiting]) giveUp();
  };
}
