import { repositoryAddress, setCommand } from './repository.mjs';

/** What is asked of a package before it is published, besides what publint and attw ask. */
const supportedNode = '>=20.19.0';

/**
 * The package.json with the three addresses that npm shows.
 *
 * @param {object} manifest
 * @param {string} address of the repository
 * @param {string} directory of the package in the repository; empty for the workspace
 * @param {string | undefined} site address of the documentation site, if there is one
 */
export function withAddresses(manifest, address, directory, site) {
  const { homepage: _, repository: _repository, bugs: _bugs, ...rest } = manifest;
  const addresses = {
    homepage: site ?? (directory ? `${address}/tree/main/${directory}#readme` : `${address}#readme`),
    bugs: { url: `${address}/issues` },
    repository: { type: 'git', url: `git+${address}.git`, ...(directory ? { directory } : {}) },
  };
  // Beside the licence, as npm orders them.
  const entries = Object.entries(rest).flatMap((entry) =>
    entry[0] === 'license' ? [...Object.entries(addresses), entry] : [entry],
  );
  return Object.fromEntries(entries);
}

/**
 * Why a package cannot be published as it is: one sentence for each problem.
 *
 * @param {object} manifest
 * @param {{ address: string | undefined, directory: string, version: string, files: readonly string[] }} expected
 *   the address of the repository, the folder of the package, the version of the release, and what is in the folder
 * @returns {string[]}
 */
export function problemsOf(manifest, { address, directory, version, files }) {
  const { name = directory } = manifest;
  const problems = [];
  const expect = (condition, problem) => condition || problems.push(`${name}: ${problem}`);
  const url = manifest.repository?.url;
  if (url === undefined) expect(false, `repository is not set. Run: ${setCommand}`);
  else if (address !== undefined) {
    expect(repositoryAddress(url) === address, `repository is ${url}, and that of the workspace ${address}.`);
    expect(manifest.repository.directory === directory, `repository.directory is not ${directory}.`);
  }
  for (const field of ['homepage', 'bugs', 'description', 'keywords'])
    expect(manifest[field]?.length !== 0 && manifest[field] !== undefined, `${field} is not set.`);
  expect(manifest.funding === undefined, 'funding is set, but nothing is asked for.');
  expect(manifest.license === 'Apache-2.0', 'license is not Apache-2.0.');
  expect(manifest.engines?.node === supportedNode, `engines.node is not '${supportedNode}'.`);
  expect(manifest.sideEffects !== undefined, 'sideEffects is not set.');
  expect(manifest.private === undefined, 'private is set.');
  expect(
    manifest.version === version,
    `its version is ${manifest.version}, and that of the release ${version}.`,
  );
  expect(manifest.publishConfig?.access === 'public', 'publishConfig.access is not public.');
  expect(manifest.publishConfig?.provenance === true, 'publishConfig.provenance is not true.');
  for (const file of ['LICENSE', 'README.md', 'dist', ...(manifest.files ?? [])])
    expect(files.includes(file), `${file} is missing. Run: npm run build`);
  for (const file of ['LICENSE', 'README.md', 'dist'])
    expect(manifest.files?.includes(file), `files does not name ${file}.`);
  if (files.includes('THIRD-PARTY-LICENSES.md'))
    expect(
      manifest.files?.includes('THIRD-PARTY-LICENSES.md'),
      'files does not name THIRD-PARTY-LICENSES.md.',
    );
  return problems;
}
