/*
 * What is in the packages as npm gets them: the files, their size, and that everything they point to is there. A file
 * that is new or gone shows up here, and so does a package that has grown.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandErrorCatalogue } from '../packages/cli/src/command-line/errors.js';
import { commandFindingCatalogue } from '../packages/cli/src/command-line/findings.js';
import { findingCatalogue } from '../packages/core/src/diagnosis/findings.js';
import { errorCatalogue } from '../packages/core/src/model/errors.js';
import { relativeLinks } from '../scripts/release/links.mjs';
import { pack, packages } from './packed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

type Kilobytes = readonly [packed: number, unpacked: number];
/** Half as much again as the largest plugin of a framework, queue or broker. */
const ceilingOfPlugin: Kilobytes = [90, 380];
/** About a fifth above what they are. Raise one only for a reason that you can name. */
const ceilings: Readonly<Record<string, Kilobytes>> = {
  // The parts of the OpenTelemetry SDK, in two formats with source maps, and the documentation (550 kB).
  core: [1450, 5900],
  // The parsers of `scan` and `init`, and the page of `dev`.
  cli: [440, 1890],
  // Five databases.
  db: [175, 690],
  // Two intakes, two kinds of files, and the reading of source maps.
  profiles: [110, 420],
};

let folder: string;
let tarballs: Record<string, string>;
/** The folder that a tarball is unpacked to. */
const unpacked = (name: string) => join(folder, name, 'package');
const filesOf = (name: string) =>
  readdirSync(unpacked(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(unpacked(name), `${entry.parentPath}/${entry.name}`))
    .sort();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-packed-files-'));
  tarballs = await pack(packages, folder);
  for (const name of packages) {
    mkdirSync(join(folder, name));
    execFileSync('tar', ['-xzf', tarballs[name] as string, '-C', join(folder, name)]);
  }
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages)('%s', (name) => {
  test('contains these files', async () => {
    // The names of parts that only the build knows have a hash; pages come and go with the documentation.
    const files = new Set(
      filesOf(name)
        .filter((file) => !file.startsWith('docs/'))
        .map((file) => file.replace(/(?<=^dist\/.+)-(?=[\w-]*[A-Z0-9])[\w-]{8}(?=\.)/, '-HASH')),
    );
    // A change that is wanted: `vitest run --project integration test/packed-files.test.ts -u`.
    await expect(`${[...files].sort().join('\n')}\n`).toMatchFileSnapshot(`packed-files/${name}.txt`);
  });

  test('has the licence of the repository', () => {
    expect(readFileSync(join(unpacked(name), 'LICENSE'), 'utf8')).toBe(
      readFileSync(join(root, 'LICENSE'), 'utf8'),
    );
  });

  test('is not larger than its ceiling', () => {
    const [packedKilobytes, unpackedKilobytes] = ceilings[name] ?? ceilingOfPlugin;
    const sizes = filesOf(name).map((file) => statSync(join(unpacked(name), file)).size);
    const sum = sizes.reduce((total, size) => total + size, 0);
    expect(statSync(tarballs[name] as string).size / 1000).toBeLessThanOrEqual(packedKilobytes);
    expect(sum / 1000).toBeLessThanOrEqual(unpackedKilobytes);
  });

  test('its Markdown files link to nothing that it does not contain', () => {
    for (const file of filesOf(name).filter((path) => path.endsWith('.md'))) {
      for (const link of relativeLinks(readFileSync(join(unpacked(name), file), 'utf8'))) {
        const [path = ''] = link.split('#');
        expect([file, link, existsSync(join(unpacked(name), posix.dirname(file), path))]).toEqual([
          file,
          link,
          true,
        ]);
      }
    }
  });

  test('no text of it names a page that neither it nor core contains', () => {
    const pages = filesOf(name)
      .filter((file) => /\.(?:c?js|d\.c?ts|md)$/.test(file) && !file.startsWith('docs/'))
      .flatMap((file) => [
        ...readFileSync(join(unpacked(name), file), 'utf8').matchAll(
          /(?<![\w./-])(?:node_modules\/@throughline\/core\/)?docs\/([a-z][\w/-]*\.md)/g,
        ),
      ]);
    for (const [source, page] of pages) {
      const owner = source.startsWith('node_modules') ? 'core' : name;
      const isThere = [owner, 'core'].some((one) => existsSync(join(unpacked(one), 'docs', page as string)));
      expect([source, isThere]).toEqual([source, true]);
    }
  });
});

test('core contains all pages of the documentation', () => {
  const pages = readdirSync(join(root, 'docs'), { recursive: true })
    .map((file) => `docs/${String(file).replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md'))
    .sort();
  expect(filesOf('core').filter((file) => file.startsWith('docs/'))).toEqual(pages);
});

test('each code has a section on the page that a message about it names', () => {
  const sections = (page: string) =>
    [
      ...readFileSync(join(unpacked('core'), 'docs/reference', page), 'utf8').matchAll(/^## (OBS_\w+)$/gm),
    ].map(([, code]) => code);
  expect(sections('errors.md')).toEqual([
    ...Object.keys(errorCatalogue),
    ...Object.keys(commandErrorCatalogue),
  ]);
  expect(sections('findings.md')).toEqual([
    ...Object.keys(findingCatalogue),
    ...Object.keys(commandFindingCatalogue),
  ]);
});

test('pages that fixes of errors and findings name are in core', () => {
  const entries = Object.entries({ ...errorCatalogue, ...findingCatalogue });
  const named = entries.flatMap(([, { fix }]) => [
    ...fix.matchAll(/node_modules\/@throughline\/core\/(docs\/\S+?\.md)/g),
  ]);
  expect(named.length).toBeGreaterThan(4);
  expect(named.map(([, page]) => page).filter((page) => !filesOf('core').includes(page as string))).toEqual(
    [],
  );
});

test('the licence of every package whose code is in a package is listed there', () => {
  for (const name of packages) {
    const files = filesOf(name);
    const text = (file: string) => readFileSync(join(unpacked(name), file), 'utf8');
    // A bundler names a source in a comment, or in the source map.
    const named = files.flatMap((file) => {
      if (/^dist\/[^/]+\.c?js$/.test(file)) return text(file).match(/^\s*\/\/ \S*node_modules\/\S+$/gm) ?? [];
      return file.endsWith('.map') ? (JSON.parse(text(file)).sources as string[]) : [];
    });
    const sources = named.flatMap((source) => {
      const [, owner] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
      return owner ?? [];
    });
    const licences = files.includes('THIRD-PARTY-LICENSES.md') ? text('THIRD-PARTY-LICENSES.md') : '';
    const listed = new Set(
      [...licences.matchAll(/^## (.+) \(.+\)$/gm)].flatMap(([, owners]) => owners?.split(', ')),
    );
    expect([name, [...new Set(sources)].filter((owner) => !listed.has(owner))]).toEqual([name, []]);
    expect([name, sources.length > 0]).toEqual([name, licences !== '']);
  }
});
