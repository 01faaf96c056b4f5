/* What is promised to writers of pages: a mistake in a page fails the build and is named. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildSite } from './build-site.js';

let root: string;
const out = () => join(root, 'out');
const built = (url: string) => readFileSync(join(out(), url), 'utf8');
const build = (addresses: { repository?: string; site?: string } = {}) =>
  buildSite(root, out(), { repository: addresses.repository, site: addresses.site });

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A small workspace with nothing wrong. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-site-'));
  mkdirSync(join(root, 'packages'));
  write('README.md', '# Throughline\n\n```sh\nnpm install x\n```\n\n```ts\nstart();\n```\n');
  write(
    'docs/README.md',
    '# Documentation\n\n## Start\n\n- [Logs](logs.md): your logger\n- [Errors](reference/errors.md)\n- [Findings](reference/findings.md)\n',
  );
  write('docs/logs.md', '# Logs\n\n## Levels\n\nSee [the levels](#levels).\n');
  write('docs/reference/errors.md', '# Errors\n\n## OBS_ONE\n\nIt broke.\n\n- **Fix.** Mend it.\n');
  write('docs/reference/findings.md', '# Findings\n');
  write('docs/images/demo-trace.png', '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('pages without a mistake make a site without a fault', () => {
  expect(build()).toEqual({ pages: 5, faults: [] });
});

test.each([
  ['a page that is not there', '[x](metrics.md)', 'docs/logs.md: metrics.md does not exist'],
  ['an anchor of another page', '[x](reference/errors.md#obs_two)', '#obs_two is an anchor'],
  ['an anchor of the same page', '[x](#nothing)', '#nothing is an anchor that the page does not have'],
  ['a picture', '![x](images/nothing.png)', 'images/nothing.png does not exist'],
  ['a file of the repository', '[x](../bench/none.mjs)', '../bench/none.mjs does not exist'],
  ['a code', '`OBS_TWO`', 'docs/logs.md: OBS_TWO is in no catalogue'],
  ['an element that nobody shows', 'Open http://<host>:9464.', '<host> is read as an element'],
])('%s fails the build', (_, text, fault) => {
  write('docs/logs.md', `# Logs\n\n${text}\n`);
  expect(build().faults.join('\n')).toContain(fault);
});

test('a page that the index does not list fails the build', () => {
  write('docs/metrics.md', '# Metrics\n');
  expect(build().faults).toEqual(['docs/metrics.md is in no list of docs/README.md']);
});

test('text that looks like a template or like HTML is shown as it is', () => {
  write(
    'docs/logs.md',
    '# Logs\n\n{{ value }} and `<host>` and `{{ $job }}`\n\n```sh\necho "<a> {{ c }}"\n```\n',
  );
  expect(build().faults).toEqual([]);
  expect(built('logs.html')).toContain(
    '{{ value }} and <code>&lt;host&gt;</code> and <code>{{ $job }}</code>',
  );
});

test('each code has a page, and a mention of the code leads there', () => {
  write('docs/logs.md', '# Logs\n\nThis logs `OBS_ONE`.\n');
  expect(build().faults).toEqual([]);
  expect(built('errors/OBS_ONE.html')).toContain('It broke.');
  expect(built('errors/OBS_ONE.html')).toContain('npx throughline explain OBS_ONE');
  expect(built('errors/OBS_ONE.html')).toContain('<a href="../logs.html">Logs</a>');
  expect(built('logs.html')).toContain('<a href="errors/OBS_ONE.html"><code>OBS_ONE</code></a>');
});

test('a file of the repository is a link if the repository has an address, otherwise text', () => {
  write('docs/logs.md', '# Logs\n\nSee [the example](../README.md#start).\n');
  build();
  expect(built('logs.html')).toContain('<p>See the example.</p>');
  build({ repository: 'https://git.example.com/a/b' });
  expect(built('logs.html')).toContain('<a href="https://git.example.com/a/b/blob/main/README.md#start">');
});

test('no page needs a certain folder or a server: all links are relative', () => {
  build();
  for (const url of ['index.html', 'logs.html', 'errors/OBS_ONE.html'])
    expect(built(url)).not.toMatch(/(?:href|src)="(?:\/|https?:|file:)/);
});

test('with an address the pages name it, and a sitemap lists them', () => {
  build({ site: 'https://docs.example.com/x/' });
  expect(built('logs.html')).toContain('<link rel="canonical" href="https://docs.example.com/x/logs.html">');
  expect(built('sitemap.xml')).toContain('<loc>https://docs.example.com/x/errors/OBS_ONE.html</loc>');
  expect(built('llms.txt')).toContain('- [Logs](https://docs.example.com/x/logs.md): your logger');
  // A server shows it at any address.
  expect(built('404.html')).toContain('<a href="https://docs.example.com/x/logs.html"');
  expect(built('404.html')).toContain('data-root="https://docs.example.com/x/"');
});

test('a language is there as soon as it has an index, and each page leads to the other language', () => {
  build();
  expect(built('logs.html')).not.toContain('hreflang="ko"');
  write('docs/ko/README.md', '# 문서\n\n## 시작하기\n\n- [로그](logs.md): 로그 남기기\n');
  write('docs/ko/logs.md', '# 로그\n\n[수준](../logs.md#levels)\n');
  expect(build().faults).toEqual([]);
  expect(built('ko/logs.html')).toContain('<html lang="ko"');
  expect(built('ko/logs.html')).toContain('<a href="../logs.html#levels">수준</a>');
  expect(built('logs.html')).toContain('href="ko/logs.html">한국어</a>');
  // The navigation goes on with what is not translated.
  expect(built('ko/logs.html')).toContain('<a href="../reference/errors.html" hreflang="en">Errors</a>');
  // Not translated: the index of the language.
  expect(built('reference/errors.html')).toContain('href="../ko/index.html">한국어</a>');
});

test('language models find an index and all pages', () => {
  build();
  expect(built('llms.txt')).toContain('## Start\n\n- [Logs](logs.md): your logger\n');
  expect(built('llms-full.txt')).toContain('## Levels');
  expect(built('logs.md')).toContain('# Logs');
});
