/*
 * THIRD-PARTY-LICENSES.md: the licence of every package whose code is in core's published files.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0'];

/** @typedef {{ name: string, version: string, folder: string, licence: string }} BundledPackage */

/**
 * The packages that the modules of a bundle come from.
 *
 * @param {readonly string[]} moduleIds
 * @returns {BundledPackage[]}
 */
export function bundledPackages(moduleIds) {
  const packages = new Map();
  for (const id of moduleIds) {
    const match = /^(?:\0\w+:|\0)?(\/.*\/node_modules\/((?:@[^/]+\/)?[^/?]+))\//.exec(id);
    if (!match) continue;
    const [, folder, name] = match;
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!permissive.includes(license)) throw new Error(`${name} ${version} is under ${license}.`);
    packages.set(`${name} ${version}`, { name, version, folder, licence: license });
  }
  return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {string} file @param {readonly BundledPackage[]} packages */
export function writeLicences(file, packages) {
  /** One text is printed once, with all packages that it is for. */
  const texts = new Map();
  for (const { name, folder, licence } of packages) {
    const text = licenceText(folder) ?? `Licensed under ${licence}; the package has no licence file.`;
    const entry = texts.get(text) ?? { names: [], licence };
    entry.names.push(name);
    texts.set(text, entry);
  }
  const sections = [...texts].map(
    ([text, { names, licence }]) => `## ${names.join(', ')} (${licence})\n\n\`\`\`\n${text}\n\`\`\`\n`,
  );
  writeFileSync(
    file,
    `# Licences of the packages that @throughline/core contains\n\nThe files of @throughline/core contain code of these packages. The build writes this page.\n\n${sections.join('\n')}`,
  );
}

function licenceText(folder) {
  const name = readdirSync(folder).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
  return (
    name &&
    readFileSync(join(folder, name), 'utf8')
      .replace(/\r\n/g, '\n')
      .replace(/[ \t]+$/gm, '')
      .trim()
  );
}
