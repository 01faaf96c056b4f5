import type { Context, Span } from '@opentelemetry/api';

/** The request, message or job that code runs for; outside of these, the span that is active. */
export interface Work {
  /** The span of the request, message or job. */
  readonly span: Span;
  /** Set if the code runs for no request, message or job. */
  readonly isSpanOnly?: true;
  /** Of an HTTP request that is over: its route. */
  readonly route?: string | undefined;
  /** Of an HTTP request that is running. */
  readonly request?: { currentRoute(): string | undefined } | undefined;
}

/** What the service is working on. */
export interface WorkInProgress {
  /** The work that a context belongs to; by default, the active context. */
  of(context?: Context): Work | undefined;
  /**
   * From now on, `around` is called for every change of the active context. It must call `run` once, return what that
   * returns, and throw nothing itself. Only one plugin at a time can do this: the last one that asks.
   */
  aroundSwitches(around: <T>(context: Context, run: () => T) => T): void;
}
