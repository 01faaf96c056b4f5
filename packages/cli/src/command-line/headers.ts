import { commandInvalid } from './command.js';

/** Parses headers of the form `Name: value`; the flag is named in the error about a wrong one. */
export function parseHeaders(given: readonly string[] = [], flag = '--header'): Record<string, string> {
  return Object.fromEntries(
    given.map((header) => {
      const colon = header.indexOf(':');
      if (colon <= 0) throw commandInvalid(`${flag} takes 'Name: value'`);
      return [header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim()];
    }),
  );
}
