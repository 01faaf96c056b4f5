import { type Context, createContextKey } from '@opentelemetry/api';

export const contextFieldsKey = createContextKey('throughline.logs.context-fields');

/** Fields that every line written in this context carries, unless the line has a field of that name itself. */
export type ContextFields = Readonly<Record<string, string | number>>;

/** Adds fields to those that the context has. */
export function withContextFields(context: Context, fields: ContextFields): Context {
  const present = contextFieldsOf(context);
  return context.setValue(contextFieldsKey, present ? { ...present, ...fields } : fields);
}

export function contextFieldsOf(context: Context | undefined): ContextFields | undefined {
  return context?.getValue(contextFieldsKey) as ContextFields | undefined;
}
