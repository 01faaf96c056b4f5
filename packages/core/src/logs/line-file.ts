/** A file that lines are appended to; every failure is given back, none is thrown. */
export interface LineFile {
  /** Writes whole lines. @returns the error, and whether a part of the text may have been written before it */
  append(text: string): Promise<{ readonly error: Error; readonly torn: boolean } | undefined>;
  close(): Promise<void>;
}
