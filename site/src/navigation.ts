import { posix } from 'node:path';
import MarkdownIt, { type Token } from 'markdown-it';
import { attribute, textOf } from './markdown.js';
import { indexOf, type SourcePage } from './source-pages.js';

export interface NavigationItem {
  readonly title: string;
  readonly page: SourcePage;
  /** What the index says about the page; empty where it says nothing. */
  readonly description: string;
}

export interface NavigationGroup {
  readonly title: string;
  readonly items: readonly NavigationItem[];
}

/**
 * The navigation of a language, from its index: each section that is only a list is a group, and each link of the list to
 * another page is an item. A link to a section of a page is none.
 */
export function navigationOf(index: SourcePage, pages: ReadonlyMap<string, SourcePage>): NavigationGroup[] {
  return listSections(new MarkdownIt().parse(index.markdown, {})).map(({ title, tokens }) => ({
    title,
    items: tokens.flatMap(({ type, children }) =>
      type === 'inline' && children ? itemsOf(children, index, pages) : [],
    ),
  }));
}

/** The READMEs of the packages, which no index lists. */
export function packageItems(pages: ReadonlyMap<string, SourcePage>): NavigationItem[] {
  return [...pages.values()]
    .filter(({ source }) => source.startsWith('packages/'))
    .map((page) => ({ title: /^# (.+)$/m.exec(page.markdown)?.[1] ?? page.source, page, description: '' }));
}

/** The sections of an index that are only a list, each with the tokens of the list. */
export function listSections(tokens: readonly Token[]): { title: string; start: number; tokens: Token[] }[] {
  return tokens.flatMap((token, start) => {
    if (token.type !== 'heading_open' || token.tag !== 'h2') return [];
    const next = tokens.findIndex(
      ({ type, tag }, index) => index > start && type === 'heading_open' && tag <= 'h2',
    );
    const section = tokens.slice(start, next < 0 ? undefined : next);
    const body = section.slice(3);
    const isList = body[0]?.type === 'bullet_list_open' && body.at(-1)?.type === 'bullet_list_close';
    const isOnlyList = isList && body.filter(({ level }) => level === 0).length === 2;
    return isOnlyList ? [{ title: textOf(section[1]?.children ?? []), start, tokens: section }] : [];
  });
}

function itemsOf(
  children: readonly Token[],
  index: SourcePage,
  pages: ReadonlyMap<string, SourcePage>,
): NavigationItem[] {
  const items: NavigationItem[] = [];
  const line = textOf(children);
  for (const [at, child] of children.entries()) {
    if (child.type !== 'link_open') continue;
    const page = pages.get(posix.join(posix.dirname(index.source), attribute(child, 'href')));
    if (!page || page === index) continue;
    const end = children.findIndex(({ type }, place) => place > at && type === 'link_close');
    const title = textOf(children.slice(at, end));
    // Of a line about one page.
    const description = line.startsWith(title) ? line.slice(title.length).replace(/^[:,]? /, '') : '';
    items.push({ title, page, description });
  }
  const [only, ...others] = items;
  return only && others.length === 0 ? [only] : items.map((item) => ({ ...item, description: '' }));
}

/** The pages of a language in the order of its navigation, each once. */
export function readingOrder(groups: readonly NavigationGroup[]): NavigationItem[] {
  const seen = new Set<SourcePage>();
  return groups.flatMap(({ items }) => items.filter(({ page }) => !seen.has(page) && seen.add(page)));
}

/** Why a site cannot be made of these pages: pages that no index lists. */
export function unlistedPages(
  pages: ReadonlyMap<string, SourcePage>,
  groups: ReadonlyMap<string, readonly NavigationGroup[]>,
): string[] {
  return [...pages.values()]
    .filter(({ source, language }) => source.startsWith('docs/') && source !== indexOf(language))
    .filter(
      (page) =>
        !(groups.get(page.language) ?? []).some(({ items }) => items.some((item) => item.page === page)),
    )
    .map(({ source, language }) => `${source} is in no list of ${indexOf(language)}`);
}
