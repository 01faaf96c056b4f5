import type { NavigationGroup } from './navigation.js';
import type { SourcePage } from './source-pages.js';

/**
 * The index of the documentation for language models, as https://llmstxt.org describes it. The links lead to the Markdown
 * files beside the pages.
 *
 * @param summary what the project is, in one or two sentences
 * @param site address of the site with a slash at its end; without it the links are relative
 */
export function llmsText(summary: string, groups: readonly NavigationGroup[], site = ''): string {
  const sections = groups.map(({ title, items }) => {
    const lines = items.map(
      ({ title: name, page, description }) =>
        `- [${name}](${site}${markdownUrl(page)})${description === '' ? '' : `: ${description}`}`,
    );
    return `## ${title}\n\n${lines.join('\n')}\n`;
  });
  return `# Throughline\n\n> ${summary}\n\n${sections.join('\n')}`;
}

/** All pages in one file, in the order of the navigation. */
export function llmsFullText(summary: string, pages: readonly SourcePage[]): string {
  const texts = pages.map(
    (page) => `<!-- ${markdownUrl(page)} -->\n\n${page.markdown.replace(/^<!--[\s\S]*?-->\s*/, '').trim()}\n`,
  );
  return `# Throughline\n\n> ${summary}\n\n${texts.join('\n')}`;
}

/** Path in the site of the Markdown of a page: its path in `docs`, so that its links to other pages work. */
export function markdownUrl({ source }: SourcePage): string {
  return source.replace(/^docs\//, '');
}
