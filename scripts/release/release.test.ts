/*
 * A release, on a copy of the packages: what is published names the repository it comes from, has no link that leads
 * nowhere, and has one version. Nothing is published while the address of the repository is not known.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentationAt } from '../../packages/core/src/model/pages.js';
import { urlOfCode } from '../../site/src/code-pages.js';
import { pageAsShipped, relativeLinks } from './links.mjs';
import { problemsOf } from './manifest.mjs';
import { repositoryAddress } from './repository.mjs';
import { siteOfWorkspace } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = readdirSync(join(root, 'packages'));
const address = 'https://git.example.com/owner/name';

let folder: string;
const release = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts/release.mjs'), ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, THROUGHLINE_RELEASE_ROOT: folder },
    },
  );
  return { status, output: stdout + stderr };
};
const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8'));
const readmeOf = (name: string) => readFileSync(join(folder, 'packages', name, 'README.md'), 'utf8');

/** The files of the workspace that a release reads; `dist` is there, as after a build. */
function copyWorkspace(): string {
  const copy = mkdtempSync(join(tmpdir(), 'throughline-release-test-'));
  // Without the changes that wait for the next release: each test adds what it needs.
  for (const file of ['package.json', 'pnpm-workspace.yaml', '.changeset/config.json'])
    cpSync(join(root, file), join(copy, file), { recursive: true });
  writeFileSync(join(copy, 'pnpm-lock.yaml'), '');
  for (const name of names) {
    const from = join(root, 'packages', name);
    const to = join(copy, 'packages', name);
    for (const part of ['dist', 'docs']) mkdirSync(join(to, part), { recursive: true });
    for (const file of readdirSync(from).filter((entry) =>
      /\.md$|^LICENSE$|^package\.json$|^bin$/.test(entry),
    ))
      cpSync(join(from, file), join(to, file), { recursive: true });
  }
  return copy;
}

beforeAll(() => {
  folder = copyWorkspace();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('before the address of the repository is set', () => {
  it('nothing can be published, and the message says what to run', () => {
    for (const command of ['check', 'publish']) {
      const { status, output } = release(command);
      expect(status).toBe(1);
      expect(output).toContain('node scripts/release.mjs repository https://github.com/<owner>/<name>');
    }
  });

  it('no file names an address: the source belongs to no account', () => {
    for (const file of ['package.json', ...names.map((name) => `packages/${name}/package.json`)]) {
      const { repository, homepage, bugs } = JSON.parse(readFileSync(join(root, file), 'utf8'));
      expect({ repository, homepage, bugs }, file).toEqual({});
    }
  });

  it('`npm publish` in the folder of a package runs the same check', () => {
    for (const name of names)
      expect(manifestOf(name).scripts.prepublishOnly).toBe('node ../../scripts/release.mjs check');
  });

  it.each([
    '',
    'name',
    'owner/name',
    'git@github.com:owner/name.git',
    'https://github.com/owner',
    'javascript:1',
  ])('the address %j is refused', (wrong) => {
    expect(() => repositoryAddress(wrong)).toThrow('is not the address of a repository');
  });
});

describe('with the address of the repository', () => {
  beforeAll(() => {
    expect(release('repository', `${address}.git`)).toMatchObject({ status: 0 });
  });

  it('all packages can be published', () => {
    expect(release('check')).toEqual({
      status: 0,
      output: `${names.length} packages of version ${manifestOf('core').version} can be published.\n`,
    });
  });

  it.each(names)('%s names repository, folder, page and tracker', (name) => {
    expect(manifestOf(name)).toMatchObject({
      repository: { type: 'git', url: `git+${address}.git`, directory: `packages/${name}` },
      homepage: `${address}/tree/main/packages/${name}#readme`,
      bugs: { url: `${address}/issues` },
    });
  });

  it.each(names)('%s: its README links to pages of the repository, and to nothing beside it', (name) => {
    expect(relativeLinks(readmeOf(name))).toEqual([]);
    expect(readmeOf(name)).not.toContain('node_modules/@throughline/core/docs/');
    for (const [, page] of readmeOf(name).matchAll(/blob\/@throughline\/core@[\d.]+\/([^)\s#]+)/g))
      expect(() => readFileSync(join(root, page as string))).not.toThrow();
  });

  it('with a documentation site, all packages name it, and the workspace knows it', () => {
    expect(release('repository', address, 'https://docs.example.com/name')).toMatchObject({ status: 0 });
    for (const name of names) expect(manifestOf(name).homepage).toBe('https://docs.example.com/name/');
    expect(siteOfWorkspace(folder)).toBe('https://docs.example.com/name/');
    expect(release('check').status).toBe(0);
    const { help } = documentationAt(manifestOf('core').homepage);
    expect(help('OBS_NOT_READY')).toBe(`https://docs.example.com/name/${urlOfCode('OBS_NOT_READY')}`);
    // Without a site again, for the tests below.
    expect(release('repository', address, '').status).toBe(0);
    expect(siteOfWorkspace(folder)).toBeUndefined();
    expect(documentationAt(manifestOf('core').homepage).help('OBS_NOT_READY')).toContain(
      'throughline explain',
    );
  });

  it.each(['docs.example.com', 'http://docs.example.com', 'https://docs.example.com/?page=1'])(
    'the site %j is refused, and nothing is written',
    (wrong) => {
      const before = manifestOf('core');
      const { status, output } = release('repository', address, wrong);
      expect(status).toBe(1);
      expect(output).toContain('is not the https address of a documentation site');
      expect(manifestOf('core')).toEqual(before);
    },
  );

  it('setting it twice changes nothing', () => {
    const before = names.map((name) => readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8'));
    release('repository', address);
    expect(names.map((name) => readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8'))).toEqual(
      before,
    );
  });

  it.each([
    ['funding', { funding: 'https://pay.example.com' }, 'funding is set'],
    ['another version', { version: '9.9.9' }, 'its version is 9.9.9'],
    ['another repository', { repository: { url: 'https://git.example.com/a/fork' } }, 'repository is'],
    ['no keywords', { keywords: [] }, 'keywords is not set'],
    ['another engine', { engines: { node: '>=18' } }, 'engines.node'],
    ['no provenance', { publishConfig: { access: 'public' } }, 'publishConfig.provenance'],
    ['a file that is not there', { files: ['dist', 'README.md', 'LICENSE', 'lib'] }, 'lib is missing'],
  ])('a package with %s is not published', (_, fault, problem) => {
    const manifest = manifestOf('koa');
    const { version } = manifest;
    const files = readdirSync(join(folder, 'packages/koa'));
    const expected = { address, directory: 'packages/koa', version, files };
    expect(problemsOf(manifest, expected)).toEqual([]);
    expect(problemsOf({ ...manifest, ...fault }, expected).join()).toContain(`@throughline/koa: ${problem}`);
  });

  it('a README with a link to a file that npm does not show is not published', () => {
    const file = join(folder, 'packages/koa/README.md');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, `${good}\n[the docs](../../docs/logs.md)\n`);
    try {
      expect(release('check').output).toContain('README.md links to ../../docs/logs.md');
    } finally {
      writeFileSync(file, good);
    }
  });
});

describe('the next version', () => {
  it.each([
    ['patch', '0.1.1'],
    ['minor', '0.2.0'],
    ['major', '1.0.0'],
  ])('a %s change of one package gives all of them %s', (kind, expected) => {
    const copy = copyWorkspace();
    try {
      const git = (...args: string[]) => execFileSync('git', args, { cwd: copy, stdio: 'pipe' });
      git('init', '--quiet', '--initial-branch=main');
      git('add', '.');
      git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '-m', 'start');
      for (const name of names) {
        const file = join(copy, 'packages', name, 'package.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"version": ".+"/, '"version": "0.1.0"'));
      }
      // Those that wait for the next release ask for a version of their own.
      for (const file of readdirSync(join(copy, '.changeset')))
        if (file.endsWith('.md') && file !== 'README.md') rmSync(join(copy, '.changeset', file));
      writeFileSync(
        join(copy, '.changeset/one.md'),
        `---\n'@throughline/core': ${kind}\n---\n\nSomething new.\n`,
      );
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/release.mjs'), 'version'], {
        encoding: 'utf8',
        env: { ...process.env, THROUGHLINE_RELEASE_ROOT: copy },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const name of names) {
        const manifest = JSON.parse(readFileSync(join(copy, 'packages', name, 'package.json'), 'utf8'));
        expect([name, manifest.version]).toEqual([name, expected]);
        const peer = manifest.peerDependencies?.['@throughline/core'];
        expect([undefined, 'workspace:^']).toContain(peer);
      }
      expect(readFileSync(join(copy, 'packages/core/CHANGELOG.md'), 'utf8')).toContain('Something new.');
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

describe('links of a page that a package contains', () => {
  const shipped = (path: string) => path === 'docs/logs.md';
  const page = [
    '[Logs](logs.md#levels), [here](#a) and [there](https://example.com/).',
    'The [shop](../examples/shop), `[not](a-link.md)`.',
    '![The trace](images/trace.png)',
    '```md\n[code](../examples/shop)\n```',
  ].join('\n');

  it('stay where their target is in the package; others become text', () => {
    expect(pageAsShipped(page, 'docs/tour.md', shipped, undefined)).toBe(
      page
        .replace('[shop](../examples/shop)', 'shop')
        .replace('![The trace](images/trace.png)', '*Picture: The trace*'),
    );
  });

  it('are found beside code, and not in it', () => {
    const text =
      'Here [`one`](one.md) and `two`, [three](three.md) and `[four](four.md)`.\n\n   ```md\n   [five](five.md)\n   ```\n';
    expect(relativeLinks(text)).toEqual(['one.md', 'three.md']);
  });

  it('lead to the release in the repository, once that has an address', () => {
    const text = pageAsShipped(page, 'docs/tour.md', shipped, { address, version: '1.2.3' });
    expect(text).toContain(`[shop](${address}/blob/@throughline/core@1.2.3/examples/shop)`);
    expect(text).toContain(
      `![The trace](${address}/blob/@throughline/core@1.2.3/docs/images/trace.png?raw=true)`,
    );
    expect(text).toContain('[Logs](logs.md#levels)');
  });
});

it.each([
  ['git+https://github.com/owner/name.git', 'https://github.com/owner/name'],
  ['https://github.com/owner/name/', 'https://github.com/owner/name'],
  ['https://gitlab.example.com/group/sub/name.git', 'https://gitlab.example.com/group/sub/name'],
])('the address %s is %s', (given, expected) => {
  expect(repositoryAddress(given)).toBe(expected);
});

it('an image that builds the packages has the pages that they contain', () => {
  const ignored = readFileSync(join(root, 'examples/stack/shop.Dockerfile.dockerignore'), 'utf8').split('\n');
  for (const needed of ['docs', 'scripts', 'packages', '**/*.md', '*.md'])
    expect(ignored).not.toContain(needed);
});
