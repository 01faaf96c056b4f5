import { context } from '@opentelemetry/api';
import type { Logger } from 'winston';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { canonicalLineMark } from './log-record.js';

/**
 * One line per request, message or job, with everything that was gathered until its end.
 * https://brandur.org/canonical-log-lines
 */
export function canonicalLines(logger: Logger): WriteCanonicalLine {
  return ({ event, level, message, fields, durationSeconds, work, context: ended }) => {
    const line: Record<string | symbol, unknown> = { event_name: event };
    for (const name in fields) if (fields[name] !== undefined) line[name] = fields[name];
    line.duration_seconds = Math.round(durationSeconds * 1e6) / 1e6;
    if (work?.annotations) for (const [name, value] of work.annotations.entries()) line[name] = value;
    line[canonicalLineMark] = true;
    context.with(ended, () => logger.log(level, message, line));
  };
}
