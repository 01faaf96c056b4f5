import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { buildPlugin } from './built-plugin.js';
import type { Suite } from './suites.js';

/** How each test of a file ended, by its name and those above it; `''` is the file itself. */
export type Results = ReadonlyMap<string, string>;

export interface SuiteResult {
  readonly files: number;
  readonly tests: number;
  /** Tests that end otherwise with Throughline than without, each time they are run. */
  readonly differences: readonly string[];
  /** Tests that end in one way and another without Throughline, and so say nothing. */
  readonly unsteady: number;
}

const maxFileMillis = 120_000;
const concurrency = 2;

/** Fetches a package and what its tests need, once, into a folder of the cache. */
async function fetched({ name, version, leaveOut = [] }: Suite): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'throughline', 'suites');
  const folder = join(cache, `${name.replace('/', '+')}@${version}`);
  if (existsSync(join(folder, 'fetched'))) return folder;
  mkdirSync(folder, { recursive: true });
  await command(folder, 'npm', ['pack', `${name}@${version}`, '--silent']);
  const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (!archive) throw new Error(`${name}@${version} could not be fetched`);
  await command(folder, 'tar', ['xzf', archive, '--strip-components=1']);
  const manifestPath = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  // Scripts of the package are for its authors.
  delete manifest.scripts;
  for (const tool of leaveOut) delete manifest.devDependencies[tool];
  writeFileSync(manifestPath, JSON.stringify(manifest));
  await command(folder, 'npm', [
    'install',
    ...['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline', '--silent'],
  ]);
  writeFileSync(join(folder, 'fetched'), '');
  return folder;
}

/** Puts a package where a service has it: a plugin records only what is below `node_modules`. */
async function installed({ name }: Suite, plugin: string, fetchedFolder: string): Promise<string> {
  const folder = join(fetchedFolder, 'installed');
  rmSync(folder, { recursive: true, force: true });
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(fetchedFolder)) {
    if (entry === 'node_modules' || entry === 'installed') continue;
    cpSync(join(fetchedFolder, entry), join(target, entry), { recursive: true });
  }
  await buildPlugin(plugin, folder);
  return folder;
}

/**
 * Runs the tests of a package bare and with Throughline preloaded into every process, and compares how each test ends.
 *
 * @param core folder with `@throughline/core` in its node_modules
 */
export async function runSuite(
  suite: Suite,
  core: string,
  endpoint: string,
  server: Readonly<Record<string, string>> = {},
): Promise<SuiteResult> {
  const fetchedFolder = await fetched(suite);
  const folder = suite.plugin ? await installed(suite, suite.plugin, fetchedFolder) : fetchedFolder;
  const below = suite.plugin ? `node_modules/${suite.name}/` : '';
  // From the folder of the package, so that both sides share the copies of its dependencies.
  const ownCore = join(folder, 'node_modules/@throughline/core');
  cpSync(join(core, 'node_modules/@throughline/core'), ownCore, { recursive: true });
  const files = readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => !file.startsWith('node_modules') && suite.files.test(file) && !suite.without?.test(file),
    )
    .map((file) => `${below}${file}`)
    .sort();
  const preload = pathToFileURL(join(core, 'node_modules/@throughline/core/register.js')).href;
  const run = (file: string, isObserved: boolean) =>
    runFile(suite, folder, file, {
      // Bare with an empty module: Node starts a program otherwise when there is something to import before it.
      NODE_OPTIONS: `--import ${isObserved ? preload : 'data:text/javascript,'}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_SERVICE_NAME: 'suite',
      THROUGHLINE_SDK_LINES: 'stderr',
      THROUGHLINE_START_LINE: 'false',
      ...server,
    });
  const differences: string[] = [];
  let tests = 0;
  let unsteady = 0;
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const [bare, observed] = [await run(file, false), await run(file, true)];
      tests += bare.size;
      let unlike = unlikeIn(bare, observed);
      // A test that fails now and then is no finding.
      for (let again = 0; again < 2 && unlike.length > 0; again++) {
        const [secondBare, second] = [await run(file, false), await run(file, true)];
        const steady = unlike.filter(
          (name) => secondBare.get(name) === bare.get(name) && second.get(name) === observed.get(name),
        );
        unsteady += unlike.length - steady.length;
        unlike = steady;
      }
      for (const name of unlike) {
        const shown = `${bare.get(name) ?? 'missing'} without, ${observed.get(name) ?? 'missing'} with Throughline`;
        differences.push(`${file} > ${name || 'the file'}: ${shown}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { files: files.length, tests, differences, unsteady };
}

function unlikeIn(bare: Results, observed: Results): string[] {
  const unlike = [...new Set([...bare.keys(), ...observed.keys()])].filter(
    (name) => bare.get(name) !== observed.get(name),
  );
  // The file fails with its tests; that says nothing more.
  return unlike.length > 1 ? unlike.filter((name) => name !== '') : unlike;
}

async function runFile(
  { runner }: Suite,
  folder: string,
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<Results> {
  const commands = {
    'node:test': ['--test', '--test-reporter=tap', file],
    mocha: [join(folder, 'node_modules/mocha/bin/_mocha'), '--reporter', 'tap', '--exit', file],
    tap: [file],
  };
  const { TEST: _test, VITEST: _vitest, NODE_ENV: _env, ...outer } = process.env;
  const child = spawn(process.execPath, commands[runner], {
    cwd: folder,
    env: { ...outer, NODE_V8_COVERAGE: '', CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const deadline = setTimeout(() => {
    // With everything that it has started.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, maxFileMillis);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  clearTimeout(deadline);
  return new Map([['', code === 0 ? 'passed' : 'failed'], ...tapResults(output, relative(folder, file))]);
}

/** Lines such as `    not ok 3 - sends headers`; a deeper one belongs to the next line that is less deep. */
function tapResults(output: string, file: string): [string, string][] {
  const results: [string, string][] = [];
  const counts = new Map<string, number>();
  for (const [, isNot, name = ''] of output.matchAll(/^\s*(not )?ok \d+ (?:- )?(.*)$/gm)) {
    if (name === file) continue;
    const known = name.replace(/ # (time|SKIP|TODO).*$/i, '').replace(/\d{4,}/g, 'N');
    const count = (counts.get(known) ?? 0) + 1;
    counts.set(known, count);
    results.push([count === 1 ? known : `${known} (${count})`, isNot ? 'failed' : 'passed']);
  }
  return results;
}

async function command(cwd: string, program: string, parameters: readonly string[]): Promise<void> {
  const child = spawn(program, parameters, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${stderr.slice(-2_000)}`);
}
