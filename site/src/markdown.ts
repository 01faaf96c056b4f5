import MarkdownIt, { type Token } from 'markdown-it';
import { anchorsOfPage } from '../../scripts/anchors.js';
import { highlighted } from './highlight.js';
import { escaped } from './html.js';

/** A heading, for the list of a page's contents. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** A part of a page that the search finds. */
export interface Section {
  /** Anchor; empty for the beginning of the page. */
  readonly id: string;
  /** Empty for the beginning of the page. */
  readonly heading: string;
  readonly text: string;
}

/** A page as tokens, with the links of the site. */
export interface ParsedPage {
  /** Text of the first heading. */
  readonly title: string;
  readonly tokens: Token[];
  readonly headings: readonly Heading[];
  readonly sections: readonly Section[];
  /** Codes of errors and findings that the page names. */
  readonly codes: ReadonlySet<string>;
}

/** What a link or a picture of a page leads to. */
export interface Links {
  /** @returns what to write instead; undefined if the site has nothing there, so that only the text is kept */
  link(target: string): string | undefined;
  /** @returns the link to the page of an error or a finding; undefined if there is no such code */
  code(name: string): string | undefined;
  /** @returns the link to a page that is named by its path in the package of core, as READMEs on npm must do */
  shipped(path: string): string | undefined;
}

/** Elements that GitHub shows as well. Others are shown neither here nor there. */
const shownElements = new Set([
  'br',
  'details',
  'summary',
  'sub',
  'sup',
  'kbd',
  'img',
  'picture',
  'source',
  'p',
]);

const markdown = new MarkdownIt({ html: true, linkify: false, typographer: false });
const { rules } = markdown.renderer;
rules.fence = (tokens, index) => {
  const token = tokens[index] as Token;
  const language = token.info.trim().split(/\s+/)[0] ?? '';
  return `<pre data-language="${escaped(language)}"><code>${highlighted(token.content, language)}</code></pre>\n`;
};
rules.code_inline = (tokens, index) => `<code>${withBreaks((tokens[index] as Token).content)}</code>`;
// Names of variables are long, also where they are not marked as code.
rules.text = (tokens, index) => escaped((tokens[index] as Token).content).replace(/_(?=[A-Z])/g, '_<wbr>');
// Wide tables scroll, and the page does not.
rules.table_open = () => '<div class="table"><table>\n';
rules.table_close = () => '</table></div>\n';
rules.heading_close = (tokens, index) => {
  const { tag } = tokens[index] as Token;
  const open = tokens.slice(0, index).findLast(({ type }) => type === 'heading_open');
  const id = open?.attrGet('id');
  const anchor =
    tag === 'h1' || id == null
      ? ''
      : ` <a class="anchor" href="#${escaped(String(id))}" aria-hidden="true" tabindex="-1">#</a>`;
  return `${anchor}</${tag}>\n`;
};

/**
 * Parses a page, and makes its links those of the site.
 *
 * @param hasRowAnchors whether rows of tables that begin with a name get an anchor, so that the search leads to them
 * @throws Error for HTML that neither GitHub nor the site shows
 */
export function parsePage(text: string, links: Links, hasRowAnchors: boolean): ParsedPage {
  const tokens = markdown.parse(text, {});
  const anchorOf = anchorsOfPage();
  const headings: Heading[] = [];
  const sections: { id: string; heading: string; text: string }[] = [{ id: '', heading: '', text: '' }];
  const codes = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token.type === 'html_block') token.content = shownHtml(token.content);
    if (token.type === 'fence') addText(sections, token.content);
    if (token.type !== 'inline') continue;
    const isHeading = before?.type === 'heading_open';
    token.children = withLinks(token.children ?? [], links, codes, isHeading);
    const plain = textOf(token.children);
    if (isHeading) {
      const level = Number(before.tag.slice(1));
      const id = anchorOf(plain);
      before.attrSet('id', id);
      headings.push({ level, id, text: plain });
      if (headings.length > 1) sections.push({ id, heading: plain, text: '' });
      continue;
    }
    const name = hasRowAnchors && isFirstCell(tokens, index) ? rowName(token.children) : undefined;
    if (name !== undefined) {
      const id = anchorOf(name);
      before?.attrSet('id', id);
      sections.push({ id, heading: name, text: '' });
      continue;
    }
    addText(sections, plain);
  }
  return { title: headings[0]?.text ?? '', tokens, headings, sections, codes };
}

export function renderTokens(tokens: Token[]): string {
  return markdown.renderer.render(tokens, markdown.options, {});
}

/** A long name may be broken between its parts: in a narrow column, `OTEL_` ends a line and `SERVICE_` does not. */
function withBreaks(code: string): string {
  if (code.length < 12) return escaped(code);
  return code
    .split(/(?<=[._/|,(])(?=[^._/|,()\s])|(?<=[a-z])(?=[A-Z])/)
    .map(escaped)
    .join('<wbr>');
}

function addText(sections: { text: string }[], text: string): void {
  const last = sections.at(-1);
  if (last) last.text += `${last.text === '' ? '' : ' '}${text.replace(/\s+/g, ' ').trim()}`;
}

/** The value of an attribute of an element. */
export function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

/** The text of a line, without marks. */
export function textOf(children: readonly Token[]): string {
  return children
    .map(({ type, content }) => {
      if (type === 'softbreak' || type === 'hardbreak') return ' ';
      return type === 'text' || type === 'code_inline' ? content : '';
    })
    .join('');
}

function withLinks(
  children: readonly Token[],
  links: Links,
  codes: Set<string>,
  isHeading: boolean,
): Token[] {
  const changed: Token[] = [];
  /** Whether each open link is kept. */
  const open: boolean[] = [];
  for (const child of children) {
    if (child.type === 'link_open') {
      const target = links.link(attribute(child, 'href'));
      open.push(target !== undefined);
      if (target === undefined) continue;
      child.attrSet('href', target);
    } else if (child.type === 'link_close') {
      if (!open.pop()) continue;
    } else if (child.type === 'image') {
      child.attrSet('src', links.link(attribute(child, 'src')) ?? '');
      child.attrSet('loading', 'lazy');
    } else if (child.type === 'html_inline') child.content = shownHtml(child.content);
    else if (child.type === 'code_inline') {
      const isCode = /^OBS_[A-Z_]*[A-Z]$/.test(child.content);
      if (isCode) codes.add(child.content);
      const target = isCode ? links.code(child.content) : links.shipped(child.content);
      if (target !== undefined && !isHeading && open.length === 0) {
        changed.push(...linked(child, target));
        continue;
      }
    }
    changed.push(child);
  }
  return changed;
}

function linked(child: Token, target: string): Token[] {
  const [paragraph] = markdown.parseInline('[x](x)', {});
  const [start, , end] = paragraph?.children ?? [];
  if (!start || !end) return [child];
  start.attrSet('href', target);
  return [start, child, end];
}

function shownHtml(html: string): string {
  const text = html.replace(/<!--[\s\S]*?-->/g, '');
  for (const [tag, name = ''] of text.matchAll(/<\/?([a-z][\w-]*)/gi)) {
    if (!shownElements.has(name.toLowerCase()))
      throw new Error(`${tag}> is read as an element, which is not shown. Write \`${tag}>\` as code.`);
  }
  return text;
}

function isFirstCell(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.type === 'td_open' && tokens[index - 2]?.type === 'tr_open';
}

/** The name that a row begins with, if it is all of the first cell: `name` or **`name`**. */
function rowName(children: readonly Token[]): string | undefined {
  const [only, ...others] = children.filter(({ type, content }) => !/^strong_/.test(type) && content !== '');
  return only?.type === 'code_inline' && others.length === 0 ? only.content : undefined;
}
