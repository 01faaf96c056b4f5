/** A request of undici, as its diagnostics channels show it. */
export interface UndiciRequest {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method?: string;
  /** A flat list of names and values; before undici 6 the head as it goes over the wire. */
  headers?: readonly unknown[] | string;
  /** What the connection shall become: `websocket`, or what `undici.upgrade` is called with. */
  readonly upgrade?: unknown;
  /** undici 6.11 does not have it. */
  addHeader?: (name: string, value: string) => unknown;
}

/**
 * Writes a header, and takes out the one that is there. A gateway that hands on the headers of its caller hands on
 * `traceparent` too, and two of them make the next service start a new trace.
 */
export function replaceHeader(request: UndiciRequest, name: string, value: string): void {
  const lowerCase = name.toLowerCase();
  remove(request, lowerCase);
  // It has a meaning only together with the `traceparent` that it came with.
  if (lowerCase === 'traceparent') remove(request, 'tracestate');
  const { headers } = request;
  // What undici itself would do, after it had looked whether the name and the value may be sent.
  if (lowerCase === 'traceparent' && Array.isArray(headers)) headers.push(name, value);
  else if (typeof request.addHeader === 'function') request.addHeader(name, value);
  else if (typeof headers === 'string') request.headers = `${headers}${name}: ${value}\r\n`;
  else if (Array.isArray(headers)) headers.push(name, value);
}

/** The value of a header; `name` is in lower case. */
export function undiciHeader(headers: UndiciRequest['headers'], name: string): string | undefined {
  if (typeof headers === 'string') {
    const line = headers.split('\r\n').find((each) => isLineOf(each, name));
    return line?.slice(name.length + 1).trim();
  }
  if (!headers) return undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (isNamed(headers[i], name)) return String(headers[i + 1]);
  }
  return undefined;
}

function remove(request: UndiciRequest, name: string): void {
  const { headers } = request;
  if (typeof headers === 'string') {
    if (undiciHeader(headers, name) === undefined) return;
    request.headers = headers
      .split('\r\n')
      .filter((line) => !isLineOf(line, name))
      .join('\r\n');
  } else if (Array.isArray(headers)) {
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      if (isNamed(headers[i], name)) headers.splice(i, 2);
    }
  }
}

function isLineOf(line: string, name: string): boolean {
  return line[name.length] === ':' && isNamed(line.slice(0, name.length), name);
}

/** Whether a name, in any case, is this one. Most have another length or another first letter. */
function isNamed(written: unknown, name: string): boolean {
  const text = typeof written === 'string' ? written : String(written);
  return (
    text.length === name.length &&
    (text.charCodeAt(0) | 0x20) === name.charCodeAt(0) &&
    (text === name || text.toLowerCase() === name)
  );
}
