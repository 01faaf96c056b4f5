import { type Context, createContextKey } from '@opentelemetry/api';
import { withContextFields } from '../context/context-fields.js';

/** The old header that a request or message came with. */
export interface OldHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

const key = createContextKey('throughline.legacy.old-header');

/** Name of the old value on spans and log lines. */
export const oldValueField = 'legacy_trace_id';

/** Log lines in the context carry the old value, and outgoing calls may. */
export function withOldHeader(context: Context, header: OldHeader): Context {
  return withContextFields(context.setValue(key, header), { [oldValueField]: header.value });
}

export function oldHeaderOf(context: Context): OldHeader | undefined {
  return context.getValue(key) as OldHeader | undefined;
}
