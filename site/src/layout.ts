import { posix } from 'node:path';
import { escaped } from './html.js';
import { type Language, languages, type Words } from './languages.js';
import type { Heading } from './markdown.js';
import { type NavigationGroup, readingOrder } from './navigation.js';

/** What is the same on all pages of a language. */
export interface Frame {
  readonly language: Language;
  readonly groups: readonly NavigationGroup[];
  /** Of another language, which follow in the navigation: what has no translation is there. */
  readonly furtherGroups: readonly NavigationGroup[];
  /** Address of the site, with a slash at its end; undefined while none is set. */
  readonly site: string | undefined;
  /** Address of the repository; undefined while none is set. */
  readonly repository: string | undefined;
}

export interface PageContent {
  /** Path in the site. */
  readonly url: string;
  readonly title: string;
  readonly description: string;
  readonly body: string;
  readonly headings: readonly Heading[];
  /** Path of the Markdown file in the repository; undefined for a page that nobody edits. */
  readonly source?: string | undefined;
  /** The same page in another language, or the index of that language: paths in the site. */
  readonly translations: ReadonlyMap<Language, string>;
  readonly isLanding?: boolean;
  /** The page of the navigation that it belongs to, if it is not listed itself. */
  readonly listedUnder?: string;
}

/** A whole page. Its links are relative, so that it works in any folder, also without a server. */
export function pageHtml(frame: Frame, page: PageContent): string {
  const words = languages[frame.language];
  const root = relativeTo(page.url, '.');
  const title = page.isLanding ? `Throughline: ${words.tagline}` : `${page.title} · Throughline`;
  const canonical =
    frame.site === undefined ? '' : `<link rel="canonical" href="${frame.site}${page.url}">\n`;
  const alternates = [...page.translations].map(
    ([language, url]) =>
      `<link rel="alternate" hreflang="${language}" href="${relativeTo(page.url, url)}">\n`,
  );
  return `<!doctype html>
<html lang="${frame.language}" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<meta name="description" content="${escaped(page.description)}">
<meta name="color-scheme" content="light dark">
${canonical}${alternates.join('')}<link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/site.js"></script>
</head>
<body class="${page.isLanding ? 'landing' : hasContents(page) ? 'page' : 'page wide'}">
<a class="skip" href="#content">${words.skip}</a>
${header(frame, page, words, root)}
<div class="columns">
<nav class="pages" id="pages" aria-label="${words.menu}">
${navigation(frame, page)}
</nav>
<main id="content" tabindex="-1">
<article>
${page.body}
</article>
${page.isLanding ? '' : footer(frame, page, words)}
</main>
${hasContents(page) ? contents(page, words) : ''}
</div>
${searchDialog(words)}
</body>
</html>
`;
}

/** A link from one page of the site to another, or to its root, which is `.`. */
export function relativeTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return to === '.' ? (path === '' ? '' : `${path}/`) : path;
}

function header({ repository, language }: Frame, page: PageContent, words: Words, root: string): string {
  const home = language === 'en' ? 'index.html' : `${language}/index.html`;
  const others = [...page.translations]
    .filter(([other]) => other !== language)
    .map(
      ([other, url]) =>
        `<a class="language" lang="${other}" hreflang="${other}" href="${relativeTo(page.url, url)}">${languages[other].name}</a>`,
    );
  const source = repository === undefined ? '' : `<a class="source" href="${repository}">GitHub</a>`;
  return `<header>
<button type="button" class="menu" aria-expanded="false" aria-controls="pages"><span class="label">${words.menu}</span></button>
<a class="home" href="${root}${home}"><img src="${root}assets/icon.svg" alt="" width="24" height="24"> <span>Throughline</span></a>
<button type="button" class="search" aria-haspopup="dialog"><span>${words.search}</span> <kbd>/</kbd></button>
<div class="ends">${others.join('')}${source}<button type="button" class="theme" aria-label="${words.theme}" title="${words.theme}"></button></div>
</header>`;
}

function navigation({ groups, furtherGroups }: Frame, page: PageContent): string {
  return [...groups, ...furtherGroups]
    .map(({ title, items }) => {
      const links = items.map((item) => {
        const isCurrent = item.page.url === (page.listedUnder ?? page.url);
        const href = relativeTo(page.url, item.page.url);
        const { language } = item.page;
        return `<li><a href="${href}" hreflang="${language}"${isCurrent ? ' aria-current="page"' : ''}>${escaped(item.title)}</a></li>`;
      });
      return `<section><h2>${escaped(title)}</h2><ul>${links.join('')}</ul></section>`;
    })
    .join('\n');
}

/** Without contents, a page with wide tables has the whole width. */
function hasContents(page: PageContent): boolean {
  return !page.isLanding && listed(page).length > 1;
}

function listed({ headings }: PageContent): readonly Heading[] {
  return headings.slice(1).filter(({ level }) => level <= 3);
}

function contents(page: PageContent, words: Words): string {
  const links = listed(page).map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${escaped(id)}">${escaped(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="${words.onThisPage}"><h2>${words.onThisPage}</h2><ul>${links.join('')}</ul></nav>`;
}

function footer({ groups, repository }: Frame, page: PageContent, words: Words): string {
  const order = readingOrder(groups);
  const at = order.findIndex((item) => item.page.url === page.url);
  const neighbour = (place: number, rel: 'prev' | 'next', label: string) => {
    const item = at < 0 ? undefined : order[place];
    if (!item) return '';
    const href = relativeTo(page.url, item.page.url);
    return `<a rel="${rel}" href="${href}"><span>${label}</span>${escaped(item.title)}</a>`;
  };
  const edit =
    repository === undefined || page.source === undefined
      ? ''
      : `<p class="edit"><a href="${repository}/edit/main/${page.source}">${words.edit}</a></p>`;
  const neighbours = neighbour(at - 1, 'prev', words.previous) + neighbour(at + 1, 'next', words.next);
  if (edit === '' && neighbours === '') return '';
  return `<footer>${edit}<div class="neighbours">${neighbours}</div></footer>`;
}

function searchDialog(words: Words): string {
  return `<dialog id="search" aria-label="${words.search}" data-nothing="${words.nothingFound}" data-copy="${words.copy}" data-copied="${words.copied}">
<form method="dialog"><input type="search" placeholder="${words.searchHint}" aria-label="${words.searchHint}" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="true" aria-controls="results"></form>
<ol id="results" role="listbox" aria-label="${words.search}"></ol>
</dialog>`;
}
