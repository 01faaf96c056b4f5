import type { LogRecord } from './log-record.js';

const alwaysThere = ['timestamp', 'level', 'message'];
const traceFields = ['trace_id', 'span_id', 'trace_flags'];

/**
 * Creates the check of lines for the fields that a contract requires; undefined if every line has them automatically.
 *
 * @param identity names of the identity's labels; what a service lacks of them is found at start, not on every line
 */
export function requiredFieldsCheck(
  required: readonly string[],
  identity: readonly string[],
  missing: (field: string) => void,
): ((record: LogRecord) => void) | undefined {
  const looked = required.filter((field) => !alwaysThere.includes(field) && !identity.includes(field));
  const needsTrace = looked.filter((field) => traceFields.includes(field));
  const ofError = looked.filter((field) => field.startsWith('error.'));
  const ofCaller = looked.filter((field) => !needsTrace.includes(field));
  if (looked.length === 0) return undefined;
  return ({ isSdkLine, spanContext, error, fields }) => {
    if (isSdkLine) return;
    if (!spanContext) for (const field of needsTrace) missing(field);
    for (const field of ofCaller) {
      if (fields[field] === undefined && !(error && ofError.includes(field))) missing(field);
    }
  };
}
