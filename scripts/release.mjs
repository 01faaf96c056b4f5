/*
 * Releases the packages. The workflow `release` runs it; it needs npm 11.5.1 or later for trusted publishing.
 *
 *   node scripts/release.mjs repository https://github.com/<owner>/<name> [https://<site>/]
 *       writes the address of the repository into all package.json, and makes links of the pages that READMEs name. With
 *       the address of the documentation site, messages name its pages.
 *       Run it before the build: pages that packages contain get their links there.
 *   node scripts/release.mjs version
 *       gives all packages the version that the changesets ask for, and writes the changelogs
 *   node scripts/release.mjs check
 *       says why the packages cannot be published as they are; exit code 1 if so
 *   node scripts/release.mjs publish [--dry-run]
 *       checks, and publishes each package whose version the registry does not have, with provenance
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readmeWithLinks, relativeLinks } from './release/links.mjs';
import { problemsOf, withAddresses } from './release/manifest.mjs';
import { addressOfWorkspace, repositoryAddress, setCommand } from './release/repository.mjs';
import { siteAddress } from './release/site.mjs';

// A test releases another workspace.
const root = process.env.THROUGHLINE_RELEASE_ROOT ?? fileURLToPath(new URL('..', import.meta.url));
const packagesFolder = join(root, 'packages');
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

/** The packages, core first: the others need it. */
const packages = readdirSync(packagesFolder)
  .sort((left, right) => Number(right === 'core') - Number(left === 'core') || left.localeCompare(right))
  .map((name) => {
    const folder = join(packagesFolder, name);
    return { folder, directory: `packages/${name}`, manifest: readJson(join(folder, 'package.json')) };
  })
  .filter(({ manifest }) => !manifest.private);

const commands = { repository: setRepository, version, check, publish };
const [command, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, command ?? '')) {
  console.error(`Usage: node scripts/release.mjs ${Object.keys(commands).join(' | ')}`);
  process.exit(2);
}
try {
  commands[command](...args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function setRepository(given = '', givenSite = '') {
  const address = repositoryAddress(given);
  const site = givenSite === '' ? undefined : siteAddress(givenSite);
  const workspace = join(root, 'package.json');
  writeJson(workspace, withAddresses(readJson(workspace), address, '', site));
  for (const { folder, directory, manifest } of packages) {
    writeJson(join(folder, 'package.json'), withAddresses(manifest, address, directory, site));
    const readme = join(folder, 'README.md');
    writeFileSync(readme, readmeWithLinks(readFileSync(readme, 'utf8'), address, manifest.version));
  }
  console.log(`The repository of ${packages.length} packages is ${address}.`);
}

/**
 * Changesets takes a peer dependency that leaves its range for a breaking change of the package that has it: before 1.0,
 * `^0.1.0` and a minor version would make all packages 1.0.0. All of them are released together, so the ranges follow the
 * version anyway. While changesets looks, they are open.
 */
function version() {
  const changesets = fileURLToPath(new URL('../node_modules/@changesets/cli/bin.js', import.meta.url));
  replaceInManifests('"@throughline/core": "workspace:^"', '"@throughline/core": "workspace:>=0.0.0"');
  try {
    console.log(run(process.execPath, [changesets, 'version'], root));
  } finally {
    replaceInManifests('"@throughline/core": "workspace:>=0.0.0"', '"@throughline/core": "workspace:^"');
  }
}

function replaceInManifests(text, replacement) {
  for (const { folder } of packages) {
    const file = join(folder, 'package.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(text, replacement));
  }
}

/** @throws with all problems */
function check() {
  const address = addressOfWorkspace(root);
  if (address === undefined)
    throw new Error(`Nothing can be published while the repository has no address. Run: ${setCommand}`);
  const expected = { address, version: packages[0]?.manifest.version };
  const problems = packages.flatMap(({ folder, directory, manifest }) => [
    ...problemsOf(manifest, { ...expected, directory, files: readdirSync(folder) }),
    ...relativeLinks(readFileSync(join(folder, 'README.md'), 'utf8')).map(
      (target) => `${manifest.name}: README.md links to ${target}, which npm does not show.`,
    ),
  ]);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log(`${packages.length} packages of version ${expected.version} can be published.`);
}

function publish(option) {
  if (option !== undefined && option !== '--dry-run') throw new Error(`There is no option '${option}'.`);
  check();
  const tarballs = mkdtempSync(join(tmpdir(), 'throughline-release-'));
  try {
    for (const { folder, manifest } of packages) {
      const release = `${manifest.name}@${manifest.version}`;
      if (isPublished(release)) {
        console.log(`${release} is published already.`);
        continue;
      }
      // pnpm resolves the versions of the workspace; npm proves to the registry which workflow publishes.
      const pnpm = join(root, 'scripts/pnpm.mjs');
      const packed = run(process.execPath, [pnpm, 'pack', '--json', '--pack-destination', tarballs], folder);
      const { filename } = JSON.parse(packed.slice(packed.indexOf('{'), packed.lastIndexOf('}') + 1));
      const tarball = join(tarballs, basename(filename));
      const options = option ? [option] : ['--provenance'];
      console.log(run('npm', ['publish', tarball, '--access', 'public', ...options], root));
    }
  } finally {
    rmSync(tarballs, { recursive: true, force: true });
  }
}

/** @throws if the registry does not answer */
function isPublished(release) {
  const { status, stdout, stderr } = spawnSync('npm', ['view', release, 'version', '--json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return stdout.trim() !== '';
  if (/E404/.test(stdout + stderr)) return false;
  throw new Error(`The registry does not say whether ${release} is published.\n${stdout}${stderr}`);
}

function run(program, programArgs, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, programArgs, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${programArgs.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`);
}
