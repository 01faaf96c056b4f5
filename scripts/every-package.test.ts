/*
 * A new package must be in each list of packages that is written by hand. The other checks read the folder packages/:
 * test/packaging.test.ts and test/packed-files.test.ts (publint, attw, types, files, size, licences) and
 * release/release.test.ts (what a release needs).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examinedPackages } from '../packages/core/src/diagnosis/packages.js';
import vitestConfig from '../vitest.config.js';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');
const folders = readdirSync(path('packages'));

/** `packages/{core,db}/src/**` is of core and db. */
const packagesIn = (pattern: string) => /^packages\/\{?([\w,-]+)\}?\//.exec(pattern)?.[1]?.split(',') ?? [];
const projects = (vitestConfig.test?.projects ?? []).map(
  (project) => (project as { test: { name: string; include: string[] } }).test,
);

describe.each(folders)('%s', (folder) => {
  const name = JSON.parse(read(`packages/${folder}/package.json`)).name as string;

  test('has the name of its folder', () => {
    expect(name).toBe(folder === 'cli' ? 'throughline' : `@throughline/${folder}`);
  });

  test('its tests are in a project of vitest', () => {
    const tested = projects.filter(({ include }) =>
      include.some((each) => packagesIn(each).includes(folder)),
    );
    expect(tested.map((project) => project.name)).toHaveLength(1);
  });

  test('its files on npm are listed, its imports are resolved, and what it does not use is found', () => {
    expect(existsSync(path(`test/packed-files/${folder}.txt`))).toBe(true);
    expect(read('tsconfig.json')).toContain(`"${name}": ["./packages/${folder}/src/index.ts"]`);
    expect(read('knip.jsonc')).toContain(`"packages/${folder}": {`);
  });

  test.skipIf(folder === 'cli')('doctor compares its version with the others', () => {
    expect(examinedPackages).toContain(name);
  });

  test.skipIf(folder === 'core')('the page of core on npm links to it', () => {
    expect(read('packages/core/README.md')).toContain(`(https://www.npmjs.com/package/${name})`);
  });
});

test('every project of vitest is run by `npm test`', () => {
  const steps = read('scripts/test.mjs');
  expect(projects.filter(({ name }) => !steps.includes(`tests('${name}'`))).toEqual([]);
});

test('doctor knows no package that does not exist', () => {
  const known = examinedPackages.filter((name) => name.startsWith('@throughline/'));
  expect(
    known.map((name) => name.slice('@throughline/'.length)).filter((name) => !folders.includes(name)),
  ).toEqual([]);
});
