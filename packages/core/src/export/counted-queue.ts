import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { toError } from '../model/foreign-error.js';
import { isLateAnswer } from '../model/late-rejection.js';

/** What happens to spans or log records on their way out; the counters behind `throughline_*_total{result}`. */
export interface ExportObserver {
  exported(count: number, durationSeconds: number): void;
  failed(count: number, durationSeconds: number, error: Error | undefined): void;
  dropped(count: number): void;
}

/** What span and log record exporters have in common. */
export interface BatchExporter<T> {
  export(items: T[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** Reports the outcome of every export and of every item that the queue had no room for. */
export interface CountedQueue<T> {
  /** The exporter to give to the batch processor. */
  readonly exporter: Required<BatchExporter<T>>;
  /**
   * Whether the batch processor behind will take this item too. The stock processors drop silently when their
   * queue is full; this follows the same count, so that what they would drop is counted instead.
   */
  admit(item: T): boolean;
  /**
   * For the moment in which Node ends the process: from now on nothing is exported any more.
   *
   * @returns what has not arrived for certain, exports in flight included; taken again, what has come since
   */
  takeAll(): T[];
  /**
   * For the same moment, if only the exporter can send: it gets everything that waits, and must send it synchronously.
   *
   * @returns how many items it has not answered for, those of exports in flight included
   */
  giveAll(): number;
}

export function countedQueue<T>(
  inner: BatchExporter<T>,
  maxQueueSize: number,
  observer: ExportObserver,
): CountedQueue<T> {
  /** What the batch processor holds; it exports in the order in which it got the items. */
  const queued: T[] = [];
  const inFlight = new Set<T[]>();
  let isTaken = false;

  function give(items: T[], done: (result: ExportResult) => void): void {
    inFlight.add(items);
    const startMillis = performance.now();
    let settled = false;
    const settle = (result: ExportResult) => {
      if (settled) return;
      settled = true;
      inFlight.delete(items);
      const durationSeconds = (performance.now() - startMillis) / 1000;
      if (result.code === ExportResultCode.SUCCESS) observer.exported(items.length, durationSeconds);
      else observer.failed(items.length, durationSeconds, result.error);
      // Told to the observer already; a failure here would only make the SDK say it again per batch.
      done({ code: ExportResultCode.SUCCESS });
    };
    const fail = (error: unknown) =>
      settle({
        code: ExportResultCode.FAILED,
        error: toError(error),
      });
    try {
      isLateAnswer(inner.export(items, settle), fail);
    } catch (error) {
      fail(error);
    }
  }

  return {
    takeAll() {
      isTaken = true;
      const all = [...[...inFlight].flat(), ...queued.splice(0)];
      inFlight.clear();
      return all;
    },
    giveAll() {
      isTaken = true;
      const items = queued.splice(0);
      if (items.length > 0) give(items, () => {});
      let unanswered = 0;
      for (const { length } of inFlight) unanswered += length;
      // Each is counted once, however often the end comes.
      inFlight.clear();
      return unanswered;
    },
    admit(item) {
      if (queued.length >= maxQueueSize) {
        observer.dropped(1);
        return false;
      }
      queued.push(item);
      return true;
    },
    exporter: {
      export(items, done) {
        queued.splice(0, items.length);
        if (isTaken) {
          done({ code: ExportResultCode.SUCCESS });
          return;
        }
        give(items, done);
      },
      forceFlush: async () => inner.forceFlush?.(),
      shutdown: () => inner.shutdown(),
    },
  };
}
