import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const shared = process.env.THROUGHLINE_TARBALLS ?? folder;
  const isThere = (name) => existsSync(join(shared, `${name}.tgz`));
  const missing = names.filter((name) => !isThere(name));
  if (missing.length > 0) {
    const unfinished = mkdtempSync(join(shared, 'unfinished-'));
    await runIn(root, process.execPath, [
      join(root, 'scripts/pnpm.mjs'),
      ...['--recursive', ...missing.map((name) => `--filter=./packages/${name}`)],
      ...['pack', '--out', join(unfinished, '%s.tgz')],
    ]);
    // Another worker may look for one: it is there as a whole, or not at all.
    for (const name of missing) {
      const { name: ofPackage } = JSON.parse(
        readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
      );
      const file = `${ofPackage.replace('@', '').replace('/', '-')}.tgz`;
      renameSync(join(unfinished, file), join(shared, `${name}.tgz`));
    }
    rmSync(unfinished, { recursive: true });
  }
  const tarballs = Object.fromEntries(names.map((name) => [name, join(folder, `${name}.tgz`)]));
  if (shared !== folder) for (const name of names) copyFileSync(join(shared, `${name}.tgz`), tarballs[name]);
  return tarballs;
}

/** How the libraries of a test are installed: each leaves what the others leave in node_modules. */
const installers = {
  npm: ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'],
  // It links what it has installed before, which takes a fraction of the time.
  pnpm: [
    process.execPath,
    join(root, 'scripts/pnpm.mjs'),
    'add',
    '--prefer-offline',
    '--config.node-linker=hoisted',
  ],
};

/**
 * What a user has: a new folder with the packed packages and the given libraries installed. The packages must be built.
 *
 * @param {readonly string[]} libraries npm specifiers
 * @param {{ manifest?: object, names?: readonly string[], installer?: keyof typeof installers }} options `manifest` is
 *   more of the folder's package.json; `names` are the packages to install, by default all; `installer` is `npm` where a
 *   test is about what npm does, or lets npm install more later
 * @returns {Promise<{ folder: string, tarballs: Record<string, string> }>} tarballs by package
 */
export async function installPacked(libraries, { manifest = {}, names = packages, installer = 'pnpm' } = {}) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-packed-')));
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  const tarballs = await pack(names, packed);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'orders', version: '4.5.6', private: true, ...manifest }),
  );
  const [program, ...args] = installers[installer];
  await runIn(folder, program, [...args, ...Object.values(tarballs), ...libraries]);
  return { folder, tarballs };
}
