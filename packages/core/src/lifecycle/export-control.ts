import type { ExportConnections } from './export-connections.js';

interface Response {
  readonly status: string;
  readonly error?: Error | undefined;
}

interface RetryingTransport {
  _transport: { send(data: unknown, timeoutMillis: number): Promise<Response> };
  retry(data: unknown, timeoutMillis: number, inMillis: number): Promise<unknown>;
}

/** How an exporter comes to its end. */
export interface ExportControl {
  /** From now on a failed export is not tried again, and those that wait fail at once. */
  stopRetrying(): void;
  /** From now on nothing is sent any more, and what is under way has failed. */
  abandon(): void;
}

/**
 * Takes the sending of a stock OTLP exporter in hand. Its timers and its requests to a backend that does not answer
 * hold the process for the whole export timeout, also after shutdown: here they do not.
 */
export function controlExport(exporter: object, connections: ExportConnections): ExportControl {
  // The exporter offers no other way in; without these parts its own retries stay.
  const delegate = Reflect.get(exporter, '_delegate') as { _transport?: RetryingTransport } | undefined;
  const transport = delegate?._transport;
  if (typeof transport?.retry !== 'function' || typeof transport._transport?.send !== 'function') {
    return { stopRetrying() {}, abandon: connections.cut };
  }
  const inner = transport._transport;
  const waiting = new Set<() => void>();
  let lastError: Error | undefined;
  let isEnding = false;
  let isAbandoned = false;

  const send = inner.send.bind(inner);
  inner.send = async (data, timeoutMillis) => {
    const response = isAbandoned ? undefined : await send(data, timeoutMillis);
    if (response?.status === 'success') return response;
    if (isAbandoned) return { status: 'failure', error: new Error('no answer before the end') };
    lastError = response?.error;
    return response as Response;
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
      if (isEnding) giveUp();
    });
  const stopRetrying = () => {
    isEnding = true;
    for (const giveUp of [...waiting]) giveUp();
  };
  return {
    stopRetrying,
    abandon() {
      isAbandoned = true;
      stopRetrying();
      connections.cut();
    },
  };
}
