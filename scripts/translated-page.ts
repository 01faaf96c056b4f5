import { posix } from 'node:path';
import { anchorsOfPage } from './anchors.js';
import { relativeLinks } from './release/links.mjs';

/** A part of a page, from one heading to the next. */
interface Section {
  readonly heading: string;
  readonly level: number;
  readonly anchor: string;
  /** Code without its comments, which are translated. */
  readonly code: readonly string[];
  readonly inlineCode: ReadonlySet<string>;
  readonly links: readonly string[];
  readonly tableRowCount: number;
  readonly listItemCount: number;
}

/** A page and its translation, with their paths in the repository. */
export interface TranslatedPage {
  readonly english: { readonly path: string; readonly text: string };
  readonly translated: { readonly path: string; readonly text: string };
}

/**
 * Where a translation is behind its page: what must be the same in every language is compared, section by section. That
 * is the order of headings, code except for comments, names in `code`, links, and the numbers of table rows and list items.
 *
 * @param all the pages that are translated; their links lead to each other
 * @returns one sentence for each difference
 */
export function differencesOf(
  { english, translated }: TranslatedPage,
  all: readonly TranslatedPage[],
): string[] {
  const [from, to] = [sectionsOf(english.text), sectionsOf(translated.text)];
  const levels = ({ level }: Section) => level;
  if (from.map(levels).join() !== to.map(levels).join())
    return [`has ${to.length} headings in another order than the ${from.length} of ${english.path}`];
  return from.flatMap((section, index) => {
    const other = to[index] as Section;
    const place = `"${other.heading}" ("${section.heading}")`;
    const wanted = new Set(section.links.map((link) => translatedTarget(link, english.path, all)));
    const found = new Set(other.links.map((link) => inRepository(link, translated.path)));
    return [
      ...missing(section.inlineCode, other.inlineCode).map((name) => `${place} lacks \`${name}\``),
      ...missing(other.inlineCode, section.inlineCode).map((name) => `${place} has \`${name}\` in addition`),
      ...missing(wanted, found).map((link) => `${place} lacks the link to ${link}`),
      ...missing(found, wanted).map((link) => `${place} links to ${link} in addition`),
      ...(section.code.join('\n') === other.code.join('\n') ? [] : [`${place} has other code`]),
      ...(section.tableRowCount === other.tableRowCount
        ? []
        : [`${place} has ${other.tableRowCount} rows of tables instead of ${section.tableRowCount}`]),
      ...(section.listItemCount === other.listItemCount
        ? []
        : [`${place} has ${other.listItemCount} list items instead of ${section.listItemCount}`]),
    ];
  });
}

function missing(wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] {
  return [...wanted].filter((each) => !found.has(each));
}

function sectionsOf(page: string): Section[] {
  const anchorOf = anchorsOfPage();
  // A heading, unless it is a comment in a block of code.
  const parts = page.split(/^(?=#{1,6} )/m);
  const texts: string[] = [];
  for (const part of parts) {
    const isInCode = texts.length > 0 && fencesOf(texts.at(-1) as string) % 2 === 1;
    if (isInCode) texts.push(`${texts.pop()}${part}`);
    else if (part !== '') texts.push(part);
  }
  return texts.map((text) => {
    const [, marks = '', heading = ''] = /^(#{1,6}) (.+)$/m.exec(text) ?? [];
    const prose = text.replace(fence, '');
    return {
      heading,
      level: marks.length,
      anchor: anchorOf(heading),
      code: Array.from(text.matchAll(fence), ([, language = '', code = '']) =>
        withoutComments(code, language),
      ),
      inlineCode: new Set(Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, name = '']) => name)),
      links: linksOf(prose),
      tableRowCount: prose.match(/^ *\|/gm)?.length ?? 0,
      listItemCount: prose.match(/^ *(?:-|\d+\.) /gm)?.length ?? 0,
    };
  });
}

const fence = /^ *```(\w*)\n([\s\S]*?)^ *```/gm;
const fencesOf = (text: string) => text.match(/^ *```/gm)?.length ?? 0;

function withoutComments(code: string, language: string): string {
  const comment = /^(?:ts|js|mjs)$/.test(language) ? /(?:^|\s+)\/\/.*$/gm : /(?:^|\s+)#.*$/gm;
  return code.replace(comment, '').replace(/^\s*\n/gm, '');
}

function linksOf(prose: string): string[] {
  const addresses = Array.from(
    prose.matchAll(/\]\((https?:[^()\s]+|#[^()\s]+)\)/g),
    ([, target = '']) => target,
  );
  return [...addresses, ...relativeLinks(prose)];
}

function inRepository(link: string, page: string): string {
  if (/^https?:/.test(link)) return link;
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? page : posix.join(posix.dirname(page), file);
  return anchor === undefined ? path : `${path}#${anchor}`;
}

/** Where a link of the English page leads in the translation: to the translated page, if there is one. */
function translatedTarget(link: string, page: string, all: readonly TranslatedPage[]): string {
  const target = inRepository(link, page);
  const [path, anchor] = target.split('#');
  const found = all.find(({ english }) => english.path === path);
  if (!found) return target;
  if (anchor === undefined) return found.translated.path;
  const index = sectionsOf(found.english.text).findIndex((section) => section.anchor === anchor);
  return `${found.translated.path}#${sectionsOf(found.translated.text)[index]?.anchor}`;
}
