import { isName } from '../context/carrier.js';
import type { UndiciRequest } from './client-metrics.js';

/** `tracestate` means something only beside the `traceparent` that it came with. */
const withTraceparent = ['traceparent', 'tracestate'];

/**
 * A gateway that hands on the headers of its caller hands on `traceparent` too, and undici adds headers without a
 * look at those that are there. Two `traceparent` make the next service start a new trace, so the one that the
 * propagator writes replaces the one that was handed on.
 *
 * @param names what the propagators may write, in any case
 */
export function replaceHandedOn(request: UndiciRequest, names: readonly string[]): void {
  const { headers } = request;
  const target = request as { headers?: unknown; addHeader?: unknown };
  const { addHeader } = target;
  if (typeof addHeader !== 'function' || !names.some((name) => has(headers, name.toLowerCase()))) return;
  const lowerNames = new Set(names.map((name) => name.toLowerCase()));
  target.addHeader = function replaceHeader(this: unknown, name: string, value: string): unknown {
    const lowerCase = String(name).toLowerCase();
    if (lowerCase === 'traceparent') for (const each of withTraceparent) remove(target, each);
    else if (lowerNames.has(lowerCase)) remove(target, lowerCase);
    return addHeader.call(request, name, value);
  };
}

function has(headers: readonly unknown[] | string | undefined, name: string): boolean {
  if (typeof headers === 'string') return headers.split('\r\n').some((line) => isLineOf(line, name));
  if (!headers) return false;
  for (let i = 0; i < headers.length; i += 2) if (isName(String(headers[i]), name)) return true;
  return false;
}

function remove(request: { headers?: unknown }, name: string): void {
  const { headers } = request;
  // undici 5 keeps the head as it goes over the wire.
  if (typeof headers === 'string') {
    request.headers = headers
      .split('\r\n')
      .filter((line) => !isLineOf(line, name))
      .join('\r\n');
  } else if (Array.isArray(headers)) {
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      if (isName(String(headers[i]), name)) headers.splice(i, 2);
    }
  }
}

function isLineOf(line: string, name: string): boolean {
  return line[name.length] === ':' && isName(line.slice(0, name.length), name);
}
