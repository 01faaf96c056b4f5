import { type Context, context, trace } from '@opentelemetry/api';
import { unitOfWorkOf } from '../annotations/unit-of-work.js';
import type { Work } from '../plugin/work.js';

/** What a plugin gets as the work that a context belongs to. */
export function workOf(given: Context = context.active()): Work | undefined {
  const unit = unitOfWorkOf(given);
  if (unit) return unit;
  const span = trace.getSpan(given);
  if (span === undefined) return undefined;
  return { span, isSpanOnly: true };
}
