/** One function in a stack. */
export interface Frame {
  readonly name: string;
  /** Path or URL of the file; empty for what has none. */
  readonly file: string;
  /** Line that the function starts in; 0 if there is none. */
  readonly line: number;
}
