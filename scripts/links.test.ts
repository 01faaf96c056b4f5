/* Every link of a page to another file of the repository leads to one that is there, and to a section that it has. */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { anchorsOfPage } from './anchors.js';
import { markdownPages } from './pages.js';
import { relativeLinks } from './release/links.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
// Files of code bases that tests examine belong to those.
const pages = markdownPages(root, /(?:^|\/)(?:test|code-bases)\//);

function anchorsOf(path: string): Set<string> {
  const anchorOf = anchorsOfPage();
  const headings = read(path)
    .replace(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => anchorOf(heading)));
}

it('reads the pages of the repository', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'packages/core/README.md']));
});

it.each(pages)('%s', (page) => {
  const broken = relativeLinks(read(page)).filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = posix.join(posix.dirname(page), file);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
  expect(broken).toEqual([]);
});

it('the README takes a minute: at most 60 lines, and one picture', () => {
  const readme = read('README.md');
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  expect(readme.match(/!\[/g)).toHaveLength(1);
});

/** `docs`, and a folder in it for each other language. The site takes its navigation from the index in each. */
const languages = new Set(pages.flatMap((page) => /^docs\/(?:[a-z]{2}(?=\/)|(?=[^/]+$))/.exec(page) ?? []));

it.each([...languages].map((folder) => posix.normalize(`${folder}/README.md`)))(
  '%s lists every page of its language',
  (index) => {
    const folder = posix.dirname(index);
    const listed = new Set(relativeLinks(read(index)).map((link) => link.split('#')[0]));
    const missing = pages
      .filter((page) => page.startsWith(`${folder}/`) && page !== index)
      .map((page) => page.slice(folder.length + 1))
      .filter((page) => !/^[a-z]{2}\//.test(page) && !listed.has(page));
    expect(missing).toEqual([]);
  },
);
