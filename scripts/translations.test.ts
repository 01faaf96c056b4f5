/* A translated page says what its English page says: a change of the English page that a reader would miss fails here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { differencesOf, type TranslatedPage } from './translated-page.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = (path: string) => ({ path, text: readFileSync(join(root, path), 'utf8') });

// The index of a language lists what is translated; it is a page of its own.
const pages: TranslatedPage[] = readdirSync(join(root, 'docs/ko'))
  .filter((name) => name.endsWith('.md') && name !== 'README.md' && existsSync(join(root, 'docs', name)))
  .map((name) => ({ english: page(`docs/${name}`), translated: page(`docs/ko/${name}`) }));

test('every page in Korean has an English page', () => {
  const names = readdirSync(join(root, 'docs/ko')).filter((name) => !existsSync(join(root, 'docs', name)));
  expect(names).toEqual([]);
  expect(pages.length).toBeGreaterThan(3);
});

test.each(pages.map((each) => [each.translated.path, each] as const))('%s is up to date', (_, each) => {
  expect(differencesOf(each, pages)).toEqual([]);
});

const english = `# Start

Set \`team\`, see [options](reference/options.md) and [the end](#the-end).

\`\`\`ts
// first
initObservability({ team: 'checkout' }); // the team
\`\`\`

## The end

| a | b |
| --- | --- |
| 1 | 2 |
`;
const korean = `# 시작

[옵션](../reference/options.md)과 [끝](#끝)을 보고 \`team\`을 설정합니다.

\`\`\`ts
initObservability({ team: 'checkout' }); // 팀
\`\`\`

## 끝

| 가 | 나 |
| --- | --- |
| 1 | 2 |
`;
const pair = (from: string, to: string): TranslatedPage => ({
  english: { path: 'docs/start.md', text: from },
  translated: { path: 'docs/ko/start.md', text: to },
});
const differences = (from: string, to = korean) => {
  const only = pair(from, to);
  return differencesOf(only, [only]);
};

test('words and comments may differ', () => {
  expect(differences(english)).toEqual([]);
});

test.each([
  ['an option', english.replace('`team`', '`team` and `environment`'), /lacks `environment`/],
  ['a line of code', english.replace("'checkout' }", "'checkout', environment: 'test' }"), /other code/],
  ['a row', `${english}| 3 | 4 |\n`, /3 rows of tables instead of 4/],
  ['an item', `${english}\n- one\n`, /0 list items instead of 1/],
  ['a section', `${english}\n## More\n`, /2 headings in another order than the 3/],
  ['a page', english.replace('options.md', 'errors.md'), /lacks the link to docs\/reference\/errors.md/],
])('%s that the English page has gained is missing', (_, changed, said) => {
  expect(differences(changed).join('\n')).toMatch(said);
});

test('a link to a section leads to the section of the translation', () => {
  expect(differences(english, korean.replace('(#끝)', '(#the-end)')).join('\n')).toMatch(
    /lacks the link to docs\/ko\/start.md#끝/,
  );
});
