import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, shop } from '../../testbed/src/paths.mjs';

const cli = join(root, 'packages/cli');

/** Installs what the lock file names, unless that is what is installed already. */
export async function installDependencies(processes) {
  if (isInstalled()) return 'already there';
  const install = processes.start(
    'pnpm install',
    process.execPath,
    [join(root, 'scripts/pnpm.mjs'), 'install', '--frozen-lockfile', '--reporter=append-only'],
    { cwd: root },
  );
  await install.succeeded();
}

/** pnpm keeps a copy of the lock file that it installed from. */
function isInstalled() {
  const installed = join(root, 'node_modules/.pnpm/lock.yaml');
  if (!existsSync(installed) || !existsSync(join(shop, 'node_modules'))) return false;
  return readFileSync(installed, 'utf8') === readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
}

/**
 * Builds the packages that the shop uses, then the shop; each only if its sources are newer.
 *
 * @param {readonly string[]} more folders of other packages, after core
 */
export async function build(processes, more = []) {
  let built = 0;
  for (const path of [
    'packages/core',
    'packages/express',
    'packages/db',
    'packages/kafka',
    'packages/profiles',
    ...more,
    'packages/cli',
    'examples/shop',
  ]) {
    const folder = join(root, path);
    if (isBuilt(folder)) continue;
    built++;
    const script = [join(root, 'scripts/pnpm.mjs'), 'run', 'build'];
    const run = processes.start(`the build of ${path}`, process.execPath, script, { cwd: folder });
    await run.succeeded();
  }
  return built === 0 ? 'up to date' : undefined;
}

function isBuilt(folder) {
  const outputs = [
    ...exportedFiles(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).exports),
    ...(folder === cli ? ['dist/main.js', 'dist/page/page.js'] : []),
    ...(folder === shop ? ['gateway', 'product', 'views'].map((name) => `dist/${name}/main.js`) : []),
  ].map((path) => join(folder, path));
  if (!outputs.every(existsSync)) return false;
  const oldestOutput = Math.min(...outputs.map(modifiedMillis));
  const sources = ['src', ...(folder === cli ? ['page'] : [])].map((name) =>
    newestMillis(join(folder, name)),
  );
  return [...sources, ...configs(folder)].every((millis) => millis < oldestOutput);
}

function configs(folder) {
  return ['package.json', 'tsup.config.ts'].map((name) => modifiedMillis(join(folder, name)));
}

function exportedFiles(entry = {}) {
  if (typeof entry === 'string') return entry.startsWith('./dist/') ? [entry] : [];
  return Object.values(entry).flatMap(exportedFiles);
}

/** Folders count as well: theirs changes when a file goes. */
function newestMillis(path) {
  const own = modifiedMillis(path);
  if (!statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newestMillis(join(path, name))));
}

function modifiedMillis(path) {
  return statSync(path).mtimeMs;
}
