import type { ExportConnections } from './export-connections.js';

interface Response {
  readonly status: string;
  readonly error?: Error | undefined;
}

interface RetryingTransport {
  _transport: { send(data: unknown, timeoutMillis: number): Promise<Response> };
  retry(data: unknown, timeoutMillis: number, inMillis: number): Promise<unknown>;
}

/** A request that has no answer yet. */
interface ExportInFlight {
  isCut: boolean;
}

/** How an exporter comes to its end; the members are those of a `Part`. */
export interface ExportControl {
  /**
   * The process is ending: a failed export is not tried again, those that wait to be fail at once, and those that get
   * no answer fail after `longestMillis`.
   */
  hurry(longestMillis: number): void;
  /** From now on nothing is sent any more, and what is under way has failed. */
  abandon(): void;
}

/**
 * Takes the sending of a stock OTLP exporter in hand. Its timers and its requests to a backend that does not answer
 * hold the process for the whole export timeout and more, also after shutdown: here they do not.
 */
export function controlExport(exporter: object, connections: ExportConnections): ExportControl {
  // The exporter offers no other way in; without these parts its own retries stay.
  const delegate = Reflect.get(exporter, '_delegate') as { _transport?: RetryingTransport } | undefined;
  const transport = delegate?._transport;
  if (typeof transport?.retry !== 'function' || typeof transport._transport?.send !== 'function') {
    return { hurry() {}, abandon: connections.cut };
  }
  const inner = transport._transport;
  const waiting = new Set<() => void>();
  const underWay = new Set<ExportInFlight>();
  let lastError: Error | undefined;
  let longestMillis: number | undefined;
  let isAbandoned = false;

  const cut = () => {
    for (const sending of underWay) sending.isCut = true;
    connections.cut();
  };
  /** Aborts, if one of these is still in progress at that time. */
  const limit = (sendings: readonly ExportInFlight[], millis: number) => {
    const timer = setTimeout(() => {
      if (sendings.some((sending) => underWay.has(sending))) cut();
    }, millis);
    timer.unref();
  };

  const send = inner.send.bind(inner);
  inner.send = async (data, timeoutMillis) => {
    if (isAbandoned) return unanswered();
    const sending: ExportInFlight = { isCut: false };
    underWay.add(sending);
    if (longestMillis !== undefined) limit([sending], longestMillis);
    // Its own timer starts again with each byte of the response.
    const timer = setTimeout(cut, timeoutMillis);
    timer.unref();
    try {
      const response = await send(data, timeoutMillis);
      if (sending.isCut && response.status !== 'success') return unanswered();
      lastError = response.error;
      return response;
    } finally {
      clearTimeout(timer);
      underWay.delete(sending);
    }
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
      if (longestMillis !== undefined) giveUp();
    });
  const hurry = (millis: number) => {
    longestMillis = millis;
    for (const giveUp of [...waiting]) giveUp();
    limit([...underWay], millis);
  };
  return {
    hurry,
    abandon() {
      isAbandoned = true;
      hurry(0);
      cut();
    },
  };
}

function unanswered(): Response {
  return { status: 'failure', error: new Error('no complete answer in time') };
}
