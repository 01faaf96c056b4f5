/** A block of code on a Markdown page. */
export interface CodeBlock {
  /** File and line that its code starts in. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

/** The blocks of a page, also those in lists; without the indentation of the list. */
export function codeBlocks(page: string, text: string): CodeBlock[] {
  return Array.from(
    text.matchAll(/^([ \t]*)(`{3,})([^\n`]*)\n([\s\S]*?)^[ \t]*\2[ \t]*$/gm),
    ([, indent = '', , info = '', code = ''], index) => ({
      place: `${page}:${lineOf(text, index)}`,
      language: info.trim().split(/\s+/)[0] ?? '',
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

function lineOf(text: string, block: number): number {
  const starts = [...text.matchAll(/^[ \t]*(`{3,})[^\n`]*\n[\s\S]*?^[ \t]*\1[ \t]*$/gm)];
  return text.slice(0, starts[block]?.index ?? 0).split('\n').length + 1;
}

/** The names in a text that are marked as code: what is between backticks, outside of blocks. */
export function codeSpans(text: string): string[] {
  const prose = text.replace(/^[ \t]*(`{3,})[\s\S]*?^[ \t]*\1[ \t]*$/gm, '');
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code = '']) => code);
}
