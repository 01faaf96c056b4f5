import type { SourcePage } from './source-pages.js';

/** The generated pages that explain the codes, each code in a section of its own. */
const catalogues = ['docs/reference/errors.md', 'docs/reference/findings.md'] as const;

/** A page for one code, so that a message can lead to it. */
export interface CodePage {
  readonly code: string;
  /** Path in the site. */
  readonly url: string;
  /** The first sentence: what happened. */
  readonly message: string;
  /** What the catalogues say, which is read where `source` is. */
  readonly markdown: string;
  readonly source: string;
}

/** Path in the site of the page of a code. Messages contain it, so it never changes. */
export function urlOfCode(code: string): string {
  return `errors/${code}.html`;
}

/** A page for each code. One that is an error and a finding too has both texts, if they differ. */
export function codePages(pages: ReadonlyMap<string, SourcePage>): CodePage[] {
  const sections = new Map<string, { texts: string[]; source: string }>();
  for (const source of catalogues) {
    const text = pages.get(source)?.markdown ?? '';
    for (const [, code = '', section = ''] of text.matchAll(
      /^## (OBS_\w+)\n([\s\S]*?)(?=^#{1,2} |(?![\s\S]))/gm,
    )) {
      const known = sections.get(code) ?? { texts: [], source };
      sections.set(code, known);
      known.texts.push(section.trim());
    }
  }
  return Array.from(sections, ([code, { texts, source }]) => ({
    code,
    source,
    url: urlOfCode(code),
    message: (texts[0] ?? '').split('\n')[0] ?? '',
    markdown: `# ${code}\n\n${texts.join('\n\n## `throughline doctor`\n\n')}\n`,
  }));
}
