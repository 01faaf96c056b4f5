import type { AttributePairs } from './attribute-pairs.js';
import { boundedMessage } from './bounded-message.js';
import type { RecorderLimits } from './limits.js';

/**
 * What is recorded of an exception, under the names of the semantic conventions
 * (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/): its code or name, message and stack.
 * Anything can be thrown, also what throws itself when it is looked at: then it is recorded as unreadable.
 *
 * @returns empty if there is neither type nor message
 */
export function exceptionAttributes(exception: unknown, limits: RecorderLimits): AttributePairs {
  const pairs: AttributePairs = [];
  const add = (key: string, text: string | undefined) => {
    if (text) pairs.push(key, boundedMessage(text, limits.maxValueBytes));
  };
  if (typeof exception === 'string') {
    add('exception.message', exception);
  } else if (exception !== null && (typeof exception === 'object' || typeof exception === 'function')) {
    const code = read(exception, 'code');
    const name = textIfString(read(exception, 'name'));
    // A number says less than the name: a timeout of an AbortSignal has the code 23.
    const type = code && !(typeof code === 'number' && name) ? textOf(code) : name;
    const message = textIfString(read(exception, 'message'));
    if (type || message) add('exception.type', type);
    else if (isUnreadable(exception)) add('exception.type', 'unreadable');
    if (pairs.length === 0 && !message) return pairs;
    add('exception.message', message);
    add('exception.stacktrace', textIfString(read(exception, 'stack')));
  }
  return pairs;
}

const unreadable = Symbol('unreadable');

function read(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return unreadable;
  }
}

function isUnreadable(exception: object): boolean {
  return ['code', 'name', 'message'].some((key) => read(exception, key) === unreadable);
}

function textIfString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'symbol') return undefined;
  try {
    return String(value);
  } catch {
    return undefined;
  }
}
