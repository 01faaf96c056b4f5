import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { highlighted } from './highlight.js';
import { escaped } from './html.js';
import { languages } from './languages.js';
import { type Frame, relativeTo } from './layout.js';
import { type ParsedPage, renderTokens } from './markdown.js';
import { listSections } from './navigation.js';

/** The first page: what the README shows, the lists of the index as cards, and the rest of the index. */
export function landingBody(root: string, frame: Frame, index: ParsedPage, url: string): string {
  const words = languages[frame.language];
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const start = frame.groups[0]?.items[0]?.page.url;
  const sections = listSections(index.tokens);
  const listed = new Set(sections.flatMap(({ tokens }) => tokens));
  const firstSection = index.tokens.findIndex(({ type, tag }) => type === 'heading_open' && tag === 'h2');
  const introduction = index.tokens.slice(0, Math.max(firstSection, 0));
  /** The first block of the introduction, which has comments in its language; otherwise that of the README. */
  const [commands = '', code = ''] = ['sh', 'ts'].map(
    (language) =>
      introduction.find(({ type, info }) => type === 'fence' && info === language)?.content ??
      firstBlock(readme, language),
  );
  const rest = index.tokens.slice(firstSection).filter((token) => !listed.has(token));
  const block = (language: string, text: string) =>
    `<pre data-language="${language}"><code>${highlighted(text, language)}</code></pre>`;
  return `<div class="hero">
<h1 id="throughline">Throughline</h1>
<p class="tagline">${escaped(words.tagline)}</p>
<p class="promise">${escaped(words.promise)}</p>
<p class="actions">${start === undefined ? '' : `<a class="action" href="${relativeTo(url, start)}">${words.start}</a>`}</p>
${block('sh', commands)}
</div>
<p class="picture"><img src="${relativeTo(url, 'images/demo-trace.png')}" alt="${escaped(words.pictureOfTrace)}"></p>
${block('ts', code)}
<div class="cards">
${sections.map(({ tokens }) => `<section>\n${renderTokens(tokens)}</section>`).join('\n')}
</div>
${renderTokens(rest)}`;
}

function firstBlock(text: string, language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? '';
}
