import type { Context } from '@opentelemetry/api';
import type { UnitOfWork } from './unit-of-work.js';

/** What has ended: the field `event_name` of its line. */
export type CanonicalEvent = 'http.server.request' | 'rpc.server.call' | 'messaging.process' | 'job.run';

/** One line about a unit of work that is over. */
export interface CanonicalLine {
  readonly event: CanonicalEvent;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** Under the names that the metric has as labels; what is undefined is left out. */
  readonly fields: Readonly<Record<string, string | number | undefined>>;
  readonly durationSeconds: number;
  readonly work: UnitOfWork | undefined;
  /** The context of the unit, whose trace the line carries. */
  readonly context: Context;
}

export type WriteCanonicalLine = (line: CanonicalLine) => void;
