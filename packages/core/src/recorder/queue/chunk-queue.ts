import type { ScopeSection } from '../otlp/trace-request.js';
import type { RecordedSpan } from '../span/span.js';
import type { OtlpTransport, SpanChunk } from '../transport/otlp-transport.js';

export interface ChunkQueueOptions {
  /** Most spans that wait. */
  readonly maxQueueSize: number;
  /** Most spans in one chunk. */
  readonly maxExportBatchSize: number;
  /** Longest time that a span waits for its chunk to fill. */
  readonly scheduledDelayMillis: number;
  /** Most bytes that wait. Default: 16 MiB. */
  readonly maxQueueBytes?: number;
  /** About the most bytes in one chunk; intakes accept 4 MiB at least. Default: 1 MiB. */
  readonly maxChunkBytes?: number;
  /** Runs what the queue does on its own outside of the request that happens to be served. */
  readonly outside?: (run: () => void) => void;
  /** Makes one request of several. Default: one after the other, which is right for protobuf. */
  readonly join?: (requests: readonly Uint8Array[]) => Uint8Array;
}

/** Writes what is queued into the open request. */
export interface RequestWriter<Section, Item> {
  readonly spanCount: number;
  readonly byteCount: number;
  /** @throws if it cannot be written; the request is as it was before */
  add(section: Section, item: Item): void;
  /** The request as it is, and begins the next one. */
  take(): Uint8Array;
  /** The intake has a request, and nobody reads it any more: its memory may be used again. */
  release?(request: Uint8Array): void;
}

/** Told what becomes of spans. */
export interface SpanObserver {
  exported(count: number, durationSeconds: number): void;
  failed(count: number, durationSeconds: number, error: Error | undefined): void;
  dropped(count: number): void;
}

/** Where all spans are that were ever recorded: `created = exported + dropped + failed + queued + inFlight`. */
export interface SpanCounts {
  readonly created: number;
  readonly exported: number;
  readonly dropped: number;
  readonly failed: number;
  /** In memory, waiting. */
  readonly queued: number;
  /** Sent, without an answer yet. */
  readonly inFlight: number;
}

/** Chunks that are sent at once to an intake that has accepted the last one; to any other, one. */
const maxConcurrency = 4;
/** From the second failure in a row on, the queue waits longer and longer before it tries the next chunk. */
const firstPauseMillis = 250;
const maxPauseMillis = 30_000;
/** An intake may ask for a longer one, within reason. */
const maxAskedPauseMillis = 300_000;

/**
 * Spans, or log records, between their end and the intake. They wait as bytes, in chunks, bounded by number and by bytes; what finds no
 * room is dropped and counted.
 */
export class ChunkQueue<Section = ScopeSection, Item = RecordedSpan> {
  private readonly maxQueueBytes: number;
  private readonly maxChunkBytes: number;
  private readonly maxChunkSpans: number;
  private waiting: SpanChunk[] = [];
  private waitingSpans = 0;
  private waitingBytes = 0;
  private readonly inFlight = new Map<SpanChunk, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private pauseTimer: NodeJS.Timeout | undefined;
  private failuresInARow = 0;
  private isHealthy = false;
  private isTaken = false;
  private isClosed = false;
  private created = 0;
  private exported = 0;
  private dropped = 0;
  private failed = 0;

  constructor(
    private readonly request: RequestWriter<Section, Item>,
    private readonly transport: OtlpTransport,
    private readonly options: ChunkQueueOptions,
    private readonly observer: SpanObserver,
  ) {
    this.maxQueueBytes = options.maxQueueBytes ?? 16 * 1_048_576;
    this.maxChunkBytes = options.maxChunkBytes ?? 1_048_576;
    this.maxChunkSpans = Math.min(options.maxExportBatchSize, options.maxQueueSize);
  }

  /** Takes a span that has ended: written into the open chunk, or dropped. */
  add(section: Section, span: Item): void {
    this.created++;
    const { request } = this;
    if (
      this.isClosed ||
      this.waitingSpans + request.spanCount >= this.options.maxQueueSize ||
      this.waitingBytes + request.byteCount >= this.maxQueueBytes
    ) {
      this.drop();
      return;
    }
    try {
      request.add(section, span);
    } catch {
      // Whatever it was, it is this one span's fault.
      this.drop();
      return;
    }
    if (request.spanCount >= this.maxChunkSpans || request.byteCount >= this.maxChunkBytes) {
      this.closeChunk();
      this.drain(false);
    } else if (this.timer === undefined) {
      this.startTimer();
    }
  }

  counts(): SpanCounts {
    const { created, exported, dropped, failed } = this;
    let inFlight = 0;
    for (const { spanCount } of this.inFlight.keys()) inFlight += spanCount;
    return {
      created,
      exported,
      dropped,
      failed,
      queued: this.waitingSpans + this.request.spanCount,
      inFlight,
    };
  }

  /** Sends everything that is there now, and waits until each has succeeded or failed. */
  async flush(): Promise<void> {
    this.closeChunk();
    const chunks = new Set([...this.waiting, ...this.inFlight.keys()]);
    this.endPause();
    for (;;) {
      this.drain(true);
      const underWay = [...chunks].map((chunk) => this.inFlight.get(chunk)).filter((sending) => sending);
      if (underWay.length === 0) return;
      await Promise.race(underWay);
    }
  }

  /** Takes no more spans and stops its timers; what waits stays where it is. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.endPause();
  }

  /**
   * For the moment in which Node ends the process: from now on nothing is sent any more.
   *
   * @returns everything that has not arrived for certain, what is in flight included; undefined when taken before
   */
  takeAll(): SpanChunk | undefined {
    if (this.isTaken) return undefined;
    this.closeChunk();
    const chunks = [...this.inFlight.keys(), ...this.waiting];
    this.isTaken = true;
    this.close();
    if (chunks.length === 0) return undefined;
    return {
      body: (this.options.join ?? Buffer.concat)(chunks.map(({ body }) => body)),
      spanCount: chunks.reduce((sum, { spanCount }) => sum + spanCount, 0),
    };
  }

  private drop(): void {
    this.dropped++;
    this.observer.dropped(1);
  }

  private closeChunk(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { spanCount } = this.request;
    if (spanCount === 0) return;
    const chunk: SpanChunk = { body: this.request.take(), spanCount };
    this.waiting.push(chunk);
    this.waitingSpans += spanCount;
    this.waitingBytes += chunk.body.length;
  }

  private startTimer(): void {
    this.outside(() => {
      this.timer = setTimeout(() => {
        this.closeChunk();
        this.drain(false);
      }, this.options.scheduledDelayMillis);
      // A span that waits must not hold the process; the end of the process flushes.
      this.timer.unref();
    });
  }

  private drain(isFlush: boolean): void {
    if (this.isTaken || (this.pauseTimer !== undefined && !isFlush)) return;
    const concurrency = this.isHealthy ? maxConcurrency : 1;
    while (this.waiting.length > 0 && this.inFlight.size < concurrency) {
      const chunk = this.waiting.shift() as SpanChunk;
      this.waitingSpans -= chunk.spanCount;
      this.waitingBytes -= chunk.body.length;
      this.outside(() => {
        this.inFlight.set(chunk, this.send(chunk));
      });
    }
  }

  private async send(chunk: SpanChunk): Promise<void> {
    const startMillis = performance.now();
    const result = await this.transport.send(chunk);
    this.inFlight.delete(chunk);
    // Another sender has it by now, and may have succeeded.
    if (this.isTaken) return;
    const durationSeconds = (performance.now() - startMillis) / 1000;
    if (result.status === 'accepted') {
      const rejected = Math.min(chunk.spanCount, Math.max(0, result.rejectedCount));
      const kept = chunk.spanCount - rejected;
      this.failuresInARow = 0;
      this.isHealthy = true;
      if (!result.isStillRead) this.request.release?.(chunk.body);
      this.exported += kept;
      if (kept > 0) this.observer.exported(kept, durationSeconds);
      if (rejected > 0) {
        this.failed += rejected;
        const error = new Error(`the intake rejected them: ${result.message || 'no reason given'}`);
        this.observer.failed(rejected, durationSeconds, error);
      }
    } else {
      this.failuresInARow++;
      this.isHealthy = false;
      this.failed += chunk.spanCount;
      this.observer.failed(chunk.spanCount, durationSeconds, result.error);
      if (!this.isClosed) this.pause(result.retryInMillis);
    }
    this.drain(false);
  }

  private pause(askedMillis = 0): void {
    const longestMillis =
      this.failuresInARow < 2
        ? 0
        : Math.min(maxPauseMillis, firstPauseMillis * 2 ** (this.failuresInARow - 2));
    const millis = longestMillis * (0.5 + Math.random() / 2);
    this.endPause();
    this.outside(() => {
      this.pauseTimer = setTimeout(
        () => {
          this.pauseTimer = undefined;
          this.drain(false);
        },
        Math.max(millis, Math.min(askedMillis, maxAskedPauseMillis)),
      );
      this.pauseTimer.unref();
    });
  }

  private endPause(): void {
    clearTimeout(this.pauseTimer);
    this.pauseTimer = undefined;
  }

  private outside(run: () => void): void {
    if (this.options.outside) this.options.outside(run);
    else run();
  }
}
