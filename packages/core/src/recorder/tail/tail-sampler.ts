import type { RateLimit } from '../../timing/rate-limit.js';

/** Which local parts of unsampled traces are kept. */
export interface TailSettings {
  /** Keeps those in which a span failed. */
  readonly keepErrors: boolean;
  /** Keeps those in which a span took at least this long. */
  readonly keepSlowerThanMillis: number | undefined;
}

/** How much is held until it is known whether it is kept. */
export interface TailBounds {
  /** Most local parts at once. */
  readonly maxTraces: number;
  /** Most ended spans of one local part. */
  readonly maxSpansPerTrace: number;
  /** About the most bytes of all ended spans that are held. */
  readonly maxBytes: number;
}

/** Why a local part was kept. */
export type KeepReason = 'error' | 'slow';

/** What became of a local part: the label `result` of `throughline_held_traces_total`. */
export const tailResults = ['kept_error', 'kept_slow', 'discarded', 'overflow', 'rate_limited'] as const;
export type TailResult = (typeof tailResults)[number];

export interface TailObserver {
  decided(result: TailResult): void;
  /** Spans of a part that is kept, for which there was no room. */
  dropped(spans: number): void;
}

/** A span of a local part that has ended. */
export interface HeldSpan {
  /** About the bytes that it takes. */
  readonly sizeBytes: number;
  readonly isFailed: boolean;
  readonly durationMillis: number;
  /**
   * Exports it.
   *
   * @param reason of the span for which the part is kept
   */
  leave(reason: KeepReason | undefined): void;
  /** Frees what it holds. It is not exported, or was exported before. */
  forget(): void;
}

/**
 * The spans of one trace in this process, from the first to the last: one request, usually. It is held until a span
 * says that it is worth keeping, or until no span of it is open any more.
 */
export class TracePart {
  state: 'held' | 'kept' | 'dropped' = 'held';
  openSpans = 0;
  ended: HeldSpan[] = [];
  sizeBytes = 0;
  /** Ended spans that found no room. */
  omittedSpans = 0;
  readonly startMillis = performance.now();

  get isKept(): boolean {
    return this.state === 'kept';
  }
}

const allowAll: RateLimit = () => true;

/**
 * Tail sampling within one process: holds the spans of traces that head sampling does not take, and keeps those parts
 * that failed or were slow. https://opentelemetry.io/docs/concepts/sampling/#tail-sampling
 *
 * When there are too many, the oldest part goes. If it is slow already, it is kept instead: it is what the setting
 * asks for, and needs no room here any more.
 */
export class TailSampler {
  /** Whether new local parts are held. */
  isOn = false;
  private settings: TailSettings = { keepErrors: false, keepSlowerThanMillis: undefined };
  private allow: RateLimit = allowAll;
  /** Oldest first. */
  private readonly held = new Set<TracePart>();
  private sizeBytes = 0;

  constructor(
    private readonly bounds: TailBounds,
    private readonly observer: TailObserver,
  ) {}

  change(settings: Partial<TailSettings>): void {
    this.settings = { ...this.settings, ...settings };
    this.isOn = this.settings.keepErrors || this.settings.keepSlowerThanMillis !== undefined;
  }

  /** Limits how many parts are kept; undefined removes the limit. */
  limit(allow: RateLimit | undefined): void {
    this.allow = allow ?? allowAll;
  }

  /** What is held now. */
  holding(): { readonly traces: number; readonly sizeBytes: number } {
    return { traces: this.held.size, sizeBytes: this.sizeBytes };
  }

  /** A local part whose first span starts. */
  begin(): TracePart {
    while (this.held.size >= this.bounds.maxTraces) this.makeRoom();
    const part = new TracePart();
    part.openSpans = 1;
    this.held.add(part);
    return part;
  }

  /** Another span of the part starts. Returns whether it is recorded. */
  join(part: TracePart): boolean {
    if (part.state === 'dropped') return false;
    part.openSpans++;
    return true;
  }

  ended(part: TracePart, span: HeldSpan): void {
    part.openSpans--;
    if (part.state !== 'held') {
      if (part.isKept) span.leave(undefined);
      span.forget();
      return;
    }
    const reason = this.reasonToKeep(span);
    if (reason !== undefined) {
      this.keep(part, reason);
      if (part.isKept) span.leave(reason);
      span.forget();
    } else if (part.openSpans <= 0) {
      span.forget();
      this.drop(part, 'discarded');
    } else {
      this.hold(part, span);
    }
  }

  private reasonToKeep({ isFailed, durationMillis }: HeldSpan): KeepReason | undefined {
    const { keepErrors, keepSlowerThanMillis } = this.settings;
    if (keepErrors && isFailed) return 'error';
    return keepSlowerThanMillis !== undefined && durationMillis >= keepSlowerThanMillis ? 'slow' : undefined;
  }

  private hold(part: TracePart, span: HeldSpan): void {
    const { maxSpansPerTrace, maxBytes } = this.bounds;
    const { sizeBytes } = span;
    // One part must not drive all others out.
    if (part.ended.length >= maxSpansPerTrace || part.sizeBytes + sizeBytes > maxBytes / 4) {
      part.omittedSpans++;
      span.forget();
      return;
    }
    part.ended.push(span);
    part.sizeBytes += sizeBytes;
    this.sizeBytes += sizeBytes;
    while (this.sizeBytes > maxBytes) this.makeRoom();
  }

  private makeRoom(): void {
    const [oldest] = this.held;
    if (!oldest) return;
    const { keepSlowerThanMillis } = this.settings;
    const isSlow =
      keepSlowerThanMillis !== undefined && performance.now() - oldest.startMillis >= keepSlowerThanMillis;
    if (isSlow) this.keep(oldest, 'slow');
    else this.drop(oldest, 'overflow');
  }

  private keep(part: TracePart, reason: KeepReason): void {
    if (!this.allow()) {
      this.drop(part, 'rate_limited');
      return;
    }
    part.state = 'kept';
    for (const span of this.release(part)) {
      span.leave(undefined);
      span.forget();
    }
    if (part.omittedSpans > 0) this.observer.dropped(part.omittedSpans);
    this.observer.decided(reason === 'error' ? 'kept_error' : 'kept_slow');
  }

  private drop(part: TracePart, result: TailResult): void {
    part.state = 'dropped';
    for (const span of this.release(part)) span.forget();
    this.observer.decided(result);
  }

  /** Its ended spans, which are no longer held. */
  private release(part: TracePart): readonly HeldSpan[] {
    const { ended } = part;
    this.held.delete(part);
    this.sizeBytes -= part.sizeBytes;
    part.ended = [];
    part.sizeBytes = 0;
    return ended;
  }
}
