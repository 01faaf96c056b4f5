import type { LogInfo, LogRecord } from './log-record.js';

/** Decides whether a line reaches its destinations: flood control. */
export interface LineGate {
  /** Whether the line is to be written now. `settle` makes its record, for a line that is kept for later. */
  admit(info: LogInfo, settle: (info: LogInfo) => LogRecord): boolean;
}
