import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { buildSync } from 'esbuild';
import { deadLinks } from './check-links.js';
import { type CodePage, codePages, urlOfCode } from './code-pages.js';
import { escaped } from './html.js';
import { landingBody } from './landing.js';
import { type Language, languages } from './languages.js';
import { type Frame, type PageContent, pageHtml, relativeTo } from './layout.js';
import { llmsFullText, llmsText, markdownUrl } from './llms.js';
import { type Links, type ParsedPage, parsePage, renderTokens } from './markdown.js';
import {
  type NavigationGroup,
  navigationOf,
  packageItems,
  readingOrder,
  unlistedPages,
} from './navigation.js';
import { type SearchEntry, searchScript } from './search-entries.js';
import { indexOf, readSourcePages, type SourcePage } from './source-pages.js';

export interface BuiltSite {
  readonly pages: number;
  /** What is wrong with the pages: dead links and anchors, unknown codes, pages that no index lists. */
  readonly faults: readonly string[];
}

export interface Addresses {
  /** Of the repository; without it, links to files that are no pages become plain text. */
  readonly repository: string | undefined;
  /** Where the site will be, with a slash at its end; without it, nothing in the site is an absolute address. */
  readonly site: string | undefined;
}

const siteFolder = join(import.meta.dirname, '..');

/**
 * Builds the site from the pages of a workspace.
 *
 * @param out folder that is replaced
 */
export function buildSite(root: string, out: string, { repository, site }: Addresses): BuiltSite {
  const pages = new Map(readSourcePages(root).map((page) => [page.source, page]));
  const codes = new Map(codePages(pages).map((page) => [page.code, page]));
  const faults: string[] = [];
  const search: SearchEntry[] = [];
  const named = new Map<string, SourcePage[]>();

  rmSync(out, { recursive: true, force: true });
  const write = (url: string, text: string) => {
    mkdirSync(dirname(join(out, url)), { recursive: true });
    writeFileSync(join(out, url), text);
  };

  const groups = new Map<Language, readonly NavigationGroup[]>();
  for (const language of Object.keys(languages) as Language[]) {
    const index = pages.get(indexOf(language));
    if (!index) continue;
    const own = navigationOf(index, pages);
    const packages = { title: languages[language].packages, items: packageItems(pages) };
    groups.set(language, language === 'en' ? [...own, packages] : own);
  }
  faults.push(...unlistedPages(pages, groups));
  const frameOf = (language: Language): Frame => ({
    language,
    groups: groups.get(language) ?? [],
    furtherGroups: language === 'en' ? [] : (groups.get('en') ?? []),
    site,
    repository,
  });

  /** @param url of the page whose links these are; its Markdown is at `source` */
  const linksOf = (source: string, url: string): Links => ({
    link(target) {
      if (/^(?:[a-z][a-z+.-]*:|#)/i.test(target)) return target;
      const [file = '', anchor] = target.split('#');
      const path = posix.join(posix.dirname(source), decodeURI(file));
      const page = pages.get(path);
      const suffix = anchor === undefined ? '' : `#${anchor}`;
      if (page) return relativeTo(url, page.url) + suffix;
      if (/^docs\/.+\.(?:png|svg|jpg|webp)$/.test(path)) return relativeTo(url, path.slice('docs/'.length));
      if (!existsSync(join(root, path))) {
        faults.push(`${source}: ${target} does not exist`);
        return undefined;
      }
      return repository === undefined ? undefined : `${repository}/blob/main/${path}${suffix}`;
    },
    code: (name) => (codes.has(name) ? relativeTo(url, urlOfCode(name)) : undefined),
    shipped(path) {
      const page = pages.get(path.replace(/^node_modules\/@throughline\/core\/(?=docs\/)/, ''));
      return page && path.startsWith('node_modules/') ? relativeTo(url, page.url) : undefined;
    },
  });
  const parsed = (source: string, url: string, text: string): ParsedPage | undefined => {
    try {
      return parsePage(text, linksOf(source, url), source.startsWith('docs/reference/'));
    } catch (error) {
      faults.push(`${source}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const addToSearch = (language: Language, url: string, { title, sections }: ParsedPage) => {
    for (const { id, heading, text } of sections)
      search.push({ url: id === '' ? url : `${url}#${id}`, page: title, heading, text, language });
  };

  for (const page of pages.values()) {
    const content = parsed(page.source, page.url, page.markdown);
    if (!content) continue;
    for (const code of content.codes) {
      const known = codes.get(code);
      if (!known) faults.push(`${page.source}: ${code} is in no catalogue`);
      else if (known.source !== page.source) named.set(code, [...(named.get(code) ?? []), page]);
    }
    const isIndex = page.source === indexOf(page.language);
    const frame = frameOf(page.language);
    // What the index says, and each code, is found on a page of its own.
    if (!isIndex && !/^docs\/reference\/(?:errors|findings)\.md$/.test(page.source))
      addToSearch(page.language, page.url, content);
    write(
      page.url,
      pageHtml(frame, {
        url: page.url,
        title: content.title,
        description: firstSentence(content),
        headings: content.headings,
        source: page.markdown.startsWith('<!-- Generated') ? undefined : page.source,
        translations: translationsOf(page, pages, groups),
        isLanding: isIndex,
        body: isIndex ? landingBody(root, frame, content, page.url) : renderTokens(content.tokens),
      }),
    );
    write(markdownUrl(page), page.markdown);
  }

  for (const code of codes.values()) {
    const content = parsed(code.source, code.url, code.markdown);
    if (!content) continue;
    addToSearch('en', code.url, content);
    write(code.url, pageHtml(frameOf('en'), codeContent(code, content, named.get(code.code) ?? [])));
  }

  const summary = `${languages.en.tagline} ${languages.en.promise}`;
  const english = groups.get('en') ?? [];
  write('llms.txt', llmsText(summary, english, site));
  write(
    'llms-full.txt',
    llmsFullText(
      summary,
      readingOrder(english).map(({ page }) => page),
    ),
  );
  write('assets/search.js', searchScript(search));
  if (site !== undefined) {
    write('sitemap.xml', sitemap(site, [...pages.values(), ...codes.values()]));
    write('404.html', missingPage(frameOf('en'), site));
  }
  if (existsSync(join(root, 'docs/images')))
    cpSync(join(root, 'docs/images'), join(out, 'images'), { recursive: true });
  buildAssets(out);
  return { pages: pages.size + codes.size, faults: [...faults, ...deadLinks(out)] };
}

function codeContent(code: CodePage, content: ParsedPage, named: readonly SourcePage[]): PageContent {
  const links = [...new Set(named)].map((page) => {
    const title = /^# (.+)$/m.exec(page.markdown)?.[1]?.replaceAll('`', '') ?? page.source;
    return `<li><a href="${relativeTo(code.url, page.url)}">${escaped(title)}</a></li>`;
  });
  const seeAlso =
    links.length === 0
      ? ''
      : `<h2 id="named-in">Pages that name this code</h2>\n<ul>${links.join('')}</ul>\n`;
  const list = code.source.replace(/^docs\/(.+)\.md$/, '$1.html');
  return {
    url: code.url,
    title: code.code,
    description: code.message,
    headings: content.headings,
    translations: new Map(),
    listedUnder: list,
    body: `${renderTokens(content.tokens)}
<p>On the command line: <code>npx throughline explain ${code.code}</code></p>
${seeAlso}<p><a href="${relativeTo(code.url, list)}">All codes</a></p>`,
  };
}

/** The other languages: the same page where there is one, otherwise the index. */
function translationsOf(
  { source, language }: SourcePage,
  pages: ReadonlyMap<string, SourcePage>,
  groups: ReadonlyMap<Language, unknown>,
): Map<Language, string> {
  const name = source.startsWith('docs/')
    ? source.slice(language === 'en' ? 'docs/'.length : `docs/${language}/`.length)
    : '';
  return new Map(
    [...groups.keys()].flatMap((other) => {
      const page = pages.get(posix.join(posix.dirname(indexOf(other)), name)) ?? pages.get(indexOf(other));
      return page && groups.size > 1 ? [[other, page.url] as const] : [];
    }),
  );
}

function firstSentence({ sections }: ParsedPage): string {
  const text = sections.find((section) => section.text !== '')?.text ?? '';
  return text.length <= 200 ? text : `${text.slice(0, 197).replace(/\s\S*$/, '')} …`;
}

/** Shown at any address, so its links are absolute. */
function missingPage(frame: Frame, site: string): string {
  const html = pageHtml(frame, {
    url: '404.html',
    title: 'There is no such page',
    description: '',
    headings: [],
    translations: new Map(),
    body: '<h1>There is no such page</h1>\n<p>The search finds pages, options, metrics and codes.</p>',
  });
  return html.replace(/ (href|src|data-root)="(?![a-z]+:|#)/g, ` $1="${site}`);
}

function sitemap(site: string, pages: readonly { readonly url: string }[]): string {
  const urls = pages.map(
    ({ url }) => `<url><loc>${site}${url.replace(/(^|\/)index\.html$/, '$1')}</loc></url>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls.join('\n')}\n</urlset>\n`;
}

/** Classic scripts: a browser loads no ES module from a file. */
function buildAssets(out: string): void {
  const browser = join(siteFolder, 'browser');
  buildSync({
    entryPoints: { site: join(browser, 'site.ts') },
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome120', 'firefox121', 'safari17'],
    outdir: join(out, 'assets'),
  });
  buildSync({
    entryPoints: { site: join(browser, 'site.css') },
    minify: true,
    target: ['chrome120', 'firefox121', 'safari17'],
    outdir: join(out, 'assets'),
  });
  writeFileSync(join(out, 'assets/icon.svg'), readFileSync(join(browser, 'icon.svg')));
}
