/**
 * A part of an instance that has something to do at its end. Everything that starts ends through this shape, and
 * lifecycle/lifetime.ts calls the parts in order. A part leaves out what it has no use for.
 */
export interface Part {
  /** Sends what waits. The part keeps working afterwards. */
  flush?(): Promise<unknown>;
  /** The end is near: from now on nothing that the part waits for takes longer than this, in milliseconds. */
  hurry?(longestMillis: number): void;
  /** Ends the part. A promise is awaited, for as long as the phase of the part may take. */
  stop?(): unknown;
  /** Comes after `stop`, when its time is over: gives up what is still under way, which would hold the process. */
  abandon?(): void;
}
