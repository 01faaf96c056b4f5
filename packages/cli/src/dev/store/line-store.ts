import type { LogRecord } from '../model/telemetry.js';
import { lineSizeBytes } from './size-bytes.js';

/** A line with its number in the order of arrival, from 1. */
export interface StoredLine extends LogRecord {
  readonly lineNumber: number;
}

/** When this many lines at the front are forgotten, the list is made anew. */
const compactAt = 10_000;

/** Log lines in memory, in the order of their arrival. */
export class LineStore {
  private lines: StoredLine[] = [];
  private first = 0;
  private nextNumber = 1;
  /** How often a line was written and came by OTLP, for lines that may come both ways. */
  private readonly arrivals = new Map<string, { written: number; otlp: number }>();
  sizeBytes = 0;

  /**
   * Adds a line. A service that writes its lines to its output and sends them by OTLP too sends each line twice; the second
   * arrival is not added.
   */
  add(record: LogRecord): boolean {
    if (this.isSecondArrival(record)) return false;
    this.lines.push({ ...record, lineNumber: this.nextNumber++ });
    this.sizeBytes += lineSizeBytes(record);
    return true;
  }

  forgetOldest(): number {
    const line = this.lines[this.first];
    if (!line) return 0;
    this.first++;
    this.sizeBytes -= lineSizeBytes(line);
    this.arrivals.delete(arrivalKey(line));
    if (this.first >= compactAt) {
      this.lines = this.lines.slice(this.first);
      this.first = 0;
    }
    return 1;
  }

  get count(): number {
    return this.lines.length - this.first;
  }

  /** In the order of arrival. */
  all(): readonly StoredLine[] {
    return this.first === 0 ? this.lines : this.lines.slice(this.first);
  }

  /** From the newest to the oldest. */
  *newestFirst(): Generator<StoredLine> {
    for (let index = this.lines.length - 1; index >= this.first; index--)
      yield this.lines[index] as StoredLine;
  }

  private isSecondArrival(record: LogRecord): boolean {
    // A line without a level is plain text, whose time is that of its reading.
    if (record.level === undefined) return false;
    const key = arrivalKey(record);
    const seen = this.arrivals.get(key) ?? { written: 0, otlp: 0 };
    this.arrivals.set(key, seen);
    const isOtlp = record.channel === 'otlp';
    seen[isOtlp ? 'otlp' : 'written']++;
    return isOtlp ? seen.otlp <= seen.written : seen.written <= seen.otlp;
  }
}

const arrivalKey = ({ serviceName, timeMillis, spanId, message }: LogRecord): string =>
  `${Math.floor(timeMillis)} ${spanId ?? ''} ${serviceName} ${message}`;
