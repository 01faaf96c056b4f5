/** Where a plugin sends what it records. */
export interface PluginExportOptions {
  /** URL of the intake. Requests to it are POST requests. */
  readonly url: string;
  /** Sent with every request, for example for authentication. */
  readonly headers: Readonly<Record<string, string>>;
  /** For example `application/proto`. */
  readonly contentType: string;
  /** Longest time for one request, retries included. Default: 10,000. */
  readonly timeoutMillis?: number | undefined;
  /** Called before a flush, also by a signal that ends the process: sends what was recorded so far. */
  readonly beforeFlush?: (() => void) | undefined;
}

/**
 * Sends what a plugin records, as spans are sent: outside of requests, with retries, with a bound on what waits. Losses
 * are counted in `throughline_profiles_total`, and reported once when they begin and once when they end.
 */
export interface PluginExport {
  /**
   * Never rejects. A body that is not ready yet is waited for, also at the end of the instance; one that rejects counts as
   * failed.
   *
   * @param body must not change any more
   * @param count how many profiles are in it
   */
  send(body: Uint8Array | Promise<Uint8Array>, count: number): Promise<void>;
}
