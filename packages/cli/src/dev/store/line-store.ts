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
  /** How often a line came on stdout and by OTLP, for lines that may come both ways. */
  private readonly arrivals = new Map<string, { stdout: number; otlp: number }>();
  sizeBytes = 0;

  /**
   * Adds a line. A service that writes its lines to stdout and sends them by OTLP too sends each line twice; the second
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
    // Without a time of its own, a line on stdout is not the same as one that came by OTLP.
    if (record.level === undefined || record.channel === 'stderr') return false;
    const key = arrivalKey(record);
    const seen = this.arrivals.get(key) ?? { stdout: 0, otlp: 0 };
    this.arrivals.set(key, seen);
    const { channel } = record as { channel: 'stdout' | 'otlp' };
    seen[channel]++;
    return seen[channel] <= seen[channel === 'otlp' ? 'stdout' : 'otlp'];
  }
}

const arrivalKey = ({ serviceName, timeMillis, spanId, message }: LogRecord): string =>
  `${Math.floor(timeMillis)} ${spanId ?? ''} ${serviceName} ${message}`;
