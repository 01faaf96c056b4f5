import type { Language } from './languages.js';

/** A part of a page that the search finds. The script in the browser reads these. */
export interface SearchEntry {
  /** Path in the site, with the anchor. */
  readonly url: string;
  /** Title of the page. */
  readonly page: string;
  /** Heading of the part; empty for the beginning of the page. */
  readonly heading: string;
  readonly text: string;
  readonly language: Language;
}

/** A script, and not JSON: a page that is opened from a folder may load only scripts. */
export function searchScript(entries: readonly SearchEntry[]): string {
  return `globalThis.throughlineSearchEntries = ${JSON.stringify(entries)};\n`;
}
