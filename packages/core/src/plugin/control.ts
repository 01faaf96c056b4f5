/** A response of live control that is a file. */
export interface ControlFile {
  /** For example `application/octet-stream`. */
  readonly contentType: string;
  /** Offered to the caller as the name to save it under. */
  readonly fileName: string;
  /** All of it: it is sent in one piece. */
  readonly body: Uint8Array;
}

/** A response of live control that says why there is no file. */
export interface ControlRefusal {
  /** 400 to 599. */
  readonly status: number;
  /** What the caller reads. */
  readonly message: string;
}

/** What a plugin adds to live control (docs/live-control.md). */
export interface ControlPath {
  /** Below `/observability`, for example `profile`. */
  readonly path: string;
  /** The members that the body of a PUT request may have. */
  readonly members: readonly string[];
  /**
   * Answers a PUT request that has the token.
   *
   * @param signal aborts if the caller disconnects
   */
  answer(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ControlFile | ControlRefusal>;
}
