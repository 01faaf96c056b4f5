import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);

/** The packages that users install, by their folder. */
export const packages = readdirSync(join(root, 'packages'));

/** The environment without the settings of the workspace around it. */
export function environmentOfUser() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm|pnpm|vitest)_|^node_(?!extra_ca_certs$)/i.test(name),
    ),
  );
}

/** Runs a command in a folder without the settings of the workspace around it; rejects with what it printed. */
export async function runIn(folder, command, args) {
  const env = environmentOfUser();
  try {
    const { stdout, stderr } = await execute(command, args, { cwd: folder, env, maxBuffer: 1e8 });
    return stdout + stderr;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`, { cause: error });
  }
}

/**
 * Packs packages of this workspace, which must be built, into a folder; those that another test of the same run has
 * packed are copied (see packed-once.ts).
 *
 * @param {readonly string[]} names folders in packages/
 * @param {string} folder
 * @returns {Promise<Record<string, string>>} the paths of the tarballs, by package
 */
export async function pack(names, folder) {
  const tarballs = {};
  for (const name of names) {
    tarballs[name] = join(folder, `${name}.tgz`);
    const shared = process.env.THROUGHLINE_TARBALLS;
    const packedBefore = shared && join(shared, `${name}.tgz`);
    if (packedBefore && existsSync(packedBefore)) {
      copyFileSync(packedBefore, tarballs[name]);
      continue;
    }
    renameSync(await packOne(name, folder), tarballs[name]);
    if (!packedBefore) continue;
    // Another worker may look for it: it is there as a whole, or not at all.
    const unfinished = `${packedBefore}.${process.pid}`;
    copyFileSync(tarballs[name], unfinished);
    renameSync(unfinished, packedBefore);
  }
  return tarballs;
}

async function packOne(name, folder) {
  const output = await runIn(join(root, 'packages', name), process.execPath, [
    join(root, 'scripts/pnpm.mjs'),
    'pack',
    '--json',
    '--pack-destination',
    folder,
  ]);
  const { filename } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  return join(folder, basename(filename));
}

/**
 * What a user has: a new folder with the packed packages and the given libraries installed by npm. The
 * packages must be built.
 *
 * @param {readonly string[]} libraries npm specifiers
 * @param {object} manifest more of the folder's package.json
 * @param {readonly string[]} names the packages to install. Default: all
 * @returns {Promise<{ folder: string, tarballs: Record<string, string> }>} tarballs by package
 */
export async function installPacked(libraries, manifest = {}, names = packages) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-packed-')));
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  const tarballs = await pack(names, packed);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'orders', version: '4.5.6', private: true, ...manifest }),
  );
  await runIn(folder, 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    ...Object.values(tarballs),
    ...libraries,
  ]);
  return { folder, tarballs };
}
