/*
 * The package managers themselves, each in one version, installed once for a whole run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIn } from '../packed.mjs';

const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const programs = {
  'npm 10': { folder: 'npm-10', specifier: 'npm:npm@10', file: 'bin/npm-cli.js' },
  'npm 11': { folder: 'npm-11', specifier: 'npm:npm@11', file: 'bin/npm-cli.js' },
  'npx 11': { folder: 'npm-11', specifier: 'npm:npm@11', file: 'bin/npx-cli.js' },
  pnpm: { folder: 'pnpm', specifier: packageManager.slice('pnpm@'.length), file: 'bin/pnpm.cjs' },
  'yarn 1': { folder: 'yarn', specifier: '1.22.22', file: 'bin/yarn.js' },
  'yarn 4': { folder: '@yarnpkg/cli-dist', specifier: '4.18.1', file: 'bin/yarn.js' },
  bun: { folder: 'bun', specifier: '1.4.5', file: 'bin/bun.exe', isNative: true },
};

/**
 * Installs package managers into a folder.
 *
 * @param {string} folder
 * @param {readonly string[]} [names] those that are needed, as commands name them. Default: all
 * @returns {Promise<(command: readonly string[]) => string[]>} turns a command that begins with the name of a package
 * manager into one that can be run
 */
export async function installTools(folder, names = Object.keys(programs)) {
  const dependencies = Object.fromEntries(
    names.map((name) => [programs[name].folder, programs[name].specifier]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  if (names.length > 0)
    await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  return ([name, ...args]) => {
    const program = programs[name];
    if (!program) return [name, ...args];
    const file = join(folder, 'node_modules', program.folder, program.file);
    return program.isNative ? [file, ...args] : [process.execPath, file, ...args];
  };
}
