import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Language, languageOf } from './languages.js';

/** A Markdown file that becomes a page of the site. */
export interface SourcePage {
  /** Path in the repository: `docs/metrics.md`. */
  readonly source: string;
  /** Path in the site: `metrics.html`. */
  readonly url: string;
  readonly language: Language;
  readonly markdown: string;
}

/** The pages of `docs`, in all languages, and the READMEs of the packages. */
export function readSourcePages(root: string): SourcePage[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'));
  const readmes = readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}/README.md`)
    .filter((path) => existsSync(join(root, path)));
  return [...docs, ...readmes].sort().map((source) => ({
    source,
    url: urlOf(source),
    language: languageOf(/^docs\/([^/]+)\//.exec(source)?.[1] ?? '') ?? 'en',
    markdown: readFileSync(join(root, source), 'utf8').replaceAll('\r\n', '\n'),
  }));
}

/** The index of a language, which is its first page and says its navigation. */
export function indexOf(language: Language): string {
  return language === 'en' ? 'docs/README.md' : `docs/${language}/README.md`;
}

function urlOf(source: string): string {
  return source
    .replace(/^docs\//, '')
    .replace(/^(packages\/[^/]+)\/README\.md$/, '$1.md')
    .replace(/(^|\/)README\.md$/, '$1index.md')
    .replace(/\.md$/, '.html');
}
