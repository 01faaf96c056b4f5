import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

type HeaderValue = string | number | readonly string[] | undefined;

/**
 * A header of a response whose headers are sent. `getHeader` does not know those that were passed to
 * `writeHead` and nowhere else; they are only in the data that was sent.
 */
export function sentHeader(response: ServerResponse, name: string): HeaderValue {
  const value = response.getHeader(name);
  if (value !== undefined) return value;
  const { _header: text } = response as ServerResponse & { _header?: unknown };
  if (typeof text === 'string') return lineOf(text, name);
  return (response as unknown as Http2ServerResponse).stream?.sentHeaders?.[name];
}

function lineOf(headerText: string, name: string): string | undefined {
  for (const line of headerText.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === name.length && line.slice(0, colon).toLowerCase() === name)
      return line.slice(colon + 1).trim();
  }
  return undefined;
}
