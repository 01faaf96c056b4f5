import { type Context, createContextKey } from '@opentelemetry/api';

const key = createContextKey('throughline.logs.context-fields');

/** Fields that every line written in this context carries, unless the line has a field of that name itself. */
export type ContextFields = Readonly<Record<string, string | number>>;

export function withContextFields(context: Context, fields: ContextFields): Context {
  return context.setValue(key, fields);
}

export function contextFieldsOf(context: Context | undefined): ContextFields | undefined {
  return context?.getValue(key) as ContextFields | undefined;
}
