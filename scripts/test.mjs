/*
 * Installs what the checks need and runs all of them: formatting, lint, types, generated pages, unit tests,
 * integration tests against real parts, packaging, the demo's own check, and the stack's. Ends with one line that
 * sums up all test runs: `N passed, N failed, N skipped`.
 *
 * Real parts come from an address in the environment, a local binary or package, or Docker. A part that is
 * missing is named, with what to do; with CI=true it fails the run.
 *
 *   npm test              everything
 *   npm run check         formatting, lint, types, generated pages and unit tests: what a change needs at least
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf, secondNode } from '../testbed/src/nodes.mjs';
import { nodeDependentTests } from './node-dependent-tests.mjs';
import { sharedProcesses, sharedProcessTests } from './shared-process-tests.mjs';
import { importDirection, unusedCode } from './structure-checks.mjs';
import { onNode, vitestProgram } from './vitest-run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
/** Whether a missing part is a failure. */
const complete = !quick && Boolean(process.env.CI);
const reports = mkdtempSync(join(tmpdir(), 'throughline-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
/** What failed beside other work, to be run once more alone. */
const repeats = [];
/** Whether the checks of the structure find what is planted: `npm run test:structure`. */
const testsWithOwnCommand = ['scripts/structure-checks.test.ts'];
const maxRepeatedFiles = 5;
const screen = createScreen();

class StepFailed extends Error {}

try {
  await step('install', ['node', 'scripts/pnpm.mjs', 'install', '--frozen-lockfile', '--prefer-offline'], {
    required: true,
  });
  await inLanes(
    [
      () =>
        check('build', ['node', 'scripts/pnpm.mjs', '-r', '--filter', './packages/*', 'build'], {
          required: true,
        }),
    ],
    [
      () => check('formatting and lint', program('@biomejs/biome/bin/biome', 'ci', '.')),
      // The compiler of TypeScript 7 checks the same in a third of the time; the builds take the one that tsup supports.
      () => check('types', ['node', 'node_modules/typescript-7/bin/tsc', '--project', '.']),
      () =>
        check('types of the page', [
          'node',
          'node_modules/typescript-7/bin/tsc',
          '--project',
          'packages/cli/page',
        ]),
      () =>
        check('types of the documentation site', [
          'node',
          'node_modules/typescript-7/bin/tsc',
          '--project',
          'site/browser',
        ]),
      () => check('imports run downwards', importDirection),
      () => check('workflows', ['node', 'scripts/check-workflows.mjs', ...(complete ? ['--complete'] : [])]),
      () => check('nothing is unused', unusedCode),
      () =>
        check(
          'generated files are current',
          program('tsx/dist/cli.mjs', 'scripts/generate-reference.ts', '--check'),
        ),
      () =>
        check(
          'generated files of the stack are current',
          program('tsx/dist/cli.mjs', 'scripts/generate-stack.ts', '--check'),
        ),
      () => check('documentation site', program('tsx/dist/cli.mjs', 'site/src/main.ts', 'build')),
      ...(quick ? [] : [() => check('known vulnerabilities', ['node', 'scripts/audit.mjs'])]),
    ],
  );
  if (quick) {
    await unitTests();
    for (const run of unitTestsInSharedProcesses()) await run();
  } else {
    // Tests of real parts wait for a part of their time; others use it. Long ones begin first, so that all end together.
    await inTurn(3, [
      () => tests('integration'),
      () => unitTests('1/2'),
      () => tests('kafka'),
      testsOnSecondNode,
      () => unitTests('2/2'),
      ...unitTestsInSharedProcesses(),
      () => tests('rabbitmq'),
      async () => {
        await counted('stack', ['node', 'scripts/stack-verify.mjs']);
        await counted('demo', ['node', 'scripts/demo.mjs', '--check']);
        await measured('cost of a request', ['node', 'bench/guard.mjs']);
      },
      () => tests('nats'),
      () => tests('sqs'),
    ]);
    for (const repeat of repeats) await repeat();
  }
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
} finally {
  rmSync(reports, { recursive: true, force: true });
}

for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** A program in node_modules, started by Node: on Windows, the commands in .bin would need a shell. */
function program(file, ...args) {
  return ['node', join('node_modules', file), ...args];
}

/** Runs lanes beside each other, and the steps of each lane one after the other. */
async function inLanes(...lanes) {
  const ends = await Promise.allSettled(
    lanes.map(async (steps) => {
      for (const next of steps) await next();
    }),
  );
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

/** Runs steps beside each other, so many at a time. */
async function inTurn(count, steps) {
  const waiting = [...steps];
  const next = () => waiting.shift()?.();
  const lane = steps.map(() => next);
  await inLanes(...Array.from({ length: count }, () => lane));
}

/** A step that is one check: it passes or fails as a whole. */
async function check(name, command, options = {}) {
  const code = await step(name, command, options);
  if (code === 0) totals.passed++;
}

/** A check of times: one that fails beside other work is repeated alone. */
async function measured(name, command) {
  const { code } = await run(name, command);
  if (code === 0) totals.passed++;
  else repeats.push(() => check(`${name}, alone`, command));
}

async function step(name, command, { required = false } = {}) {
  const { code } = await run(name, command);
  if (code !== 0) {
    totals.failed++;
    failures.push(name);
    if (required) throw new StepFailed();
  }
  return code;
}

/** Runs the tests of a project. */
function tests(project, more = {}) {
  return vitest({ name: `${project} tests`, projects: [project], ...more });
}

/** @param {string} [shard] which part of the files, as vitest takes it; all of them by default */
function unitTests(shard) {
  return tests('unit', {
    name: shard ? `unit tests, part ${shard.replace('/', ' of ')}` : 'unit tests',
    exclude: [...sharedProcessTests(), ...testsWithOwnCommand],
    shard,
  });
}

function unitTestsInSharedProcesses() {
  return sharedProcesses().map(
    ({ name, files }) =>
      () =>
        tests('unit', { name: `unit tests ${name}`, files, isOneProcess: true }),
  );
}

/** Runs the tests that depend on the version of Node on another Node, unless this is the one. */
async function testsOnSecondNode() {
  if (process.versions.node.startsWith(`${secondNode}.`)) return;
  let node;
  try {
    node = nodeOf(secondNode);
  } catch {
    console.log(
      `Node ${secondNode} is missing: \`npm run test:node -- ${secondNode}\` shows why it cannot be installed.`,
    );
    if (!complete) return;
    totals.failed++;
    failures.push(`Node ${secondNode} is missing`);
    return;
  }
  const isNodeDependent = (file) => nodeDependentTests.some((part) => file.startsWith(part));
  // The few of other packages would need another process, which costs more than they do.
  const inOneProcess = sharedProcessTests().filter(
    (file) => isNodeDependent(file) && file.startsWith('packages/core/'),
  );
  await tests('unit', {
    name: `tests on Node ${node.version}`,
    files: nodeDependentTests,
    exclude: inOneProcess,
    node: node.path,
  });
  await tests('unit', {
    name: `tests in one process on Node ${node.version}`,
    files: inOneProcess,
    isOneProcess: true,
    node: node.path,
  });
}

/**
 * Runs tests by vitest and adds their counts. A few files that fail are run once more, alone: on a busy machine
 * something may come later than a test waits for it. The end of the output names them.
 *
 * @param {{ name: string, projects: readonly string[], files?: readonly string[], exclude?: readonly string[],
 *   shard?: string, isOneProcess?: boolean, node?: string }} asked all files of the projects, each in a process, on the Node that runs this,
 *   if nothing else is given
 */
async function vitest(asked) {
  const { code, output, result } = await runVitest(asked);
  const [failed, others] = [filesThat(result, isFailed), filesThat(result, (file) => !isFailed(file))];
  const isRepeated =
    !quick && failed.length > 0 && failed.length <= maxRepeatedFiles && !output.includes('Unhandled Error');
  addCounts(isRepeated ? others : result.testResults);
  if (isRepeated) {
    repeats.push(async () => {
      const files = failed.map(({ name }) => name);
      const again = await runVitest({
        ...asked,
        exclude: [],
        shard: undefined,
        name: `${asked.name} that failed, alone`,
        files,
      });
      addCounts(again.result.testResults);
      conclude(asked.name, again, failedTests(failed));
    });
    return;
  }
  conclude(asked.name, { code, result });
}

function isFailed({ status }) {
  return status === 'failed';
}

function filesThat({ testResults }, matches) {
  return testResults.filter(matches);
}

function addCounts(files) {
  for (const file of files) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') totals.passed++;
      else if (status === 'failed') totals.failed++;
      else totals.skipped++;
    }
    // A file that cannot be loaded has no failed test to count.
    if (isFailed(file) && !file.assertionResults.some(isFailed)) totals.failed++;
  }
}

/** @param before what failed when the same was run beside other work */
function conclude(name, { code, result }, before = []) {
  const failed = filesThat(result, isFailed);
  // An error that belongs to no file, or a run that did not get as far as a report.
  if (code !== 0 && failed.length === 0) totals.failed++;
  if (code !== 0) failures.push(name, ...failedTests(failed));
  else if (before.length > 0) console.log(`PASSED ONLY ALONE: ${name}\n${before.join('\n')}`);
}

async function runVitest({ name, projects, files = [], exclude = [], shard, isOneProcess = false, node }) {
  const report = join(reports, `${name}.json`);
  rmSync(report, { force: true });
  const { code, output } = await run(
    name,
    [
      ...[node ?? process.execPath, vitestProgram, 'run', ...files],
      ...projects.map((project) => `--project=${project}`),
      ...exclude.map((file) => `--exclude=${file}`),
      ...(shard ? [`--shard=${shard}`] : []),
      ...(isOneProcess ? ['--no-isolate'] : []),
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    // The packages are built by now: vitest.config.ts.
    { ...(node ? onNode(node) : process.env), THROUGHLINE_BUILT_CORE: 'true' },
  );
  let result = { testResults: [] };
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // The exit code says so.
  }
  return { code, output, result };
}

/** What failed, with the first lines of why: the end of a long output is all that some people get to see. */
function failedTests(files) {
  return files.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(isFailed);
    const file = relative(root, name);
    if (failed.length === 0) return [`  ${file}: ${firstLines(message)}`];
    return failed.map(
      ({ fullName, failureMessages }) => `  ${file} > ${fullName}: ${firstLines(failureMessages.join('\n'))}`,
    );
  });
}

function firstLines(text) {
  return text.trim().split('\n').slice(0, 8).join('\n      ').slice(0, 1_000);
}

/** Runs a command whose last line is `N passed, N failed[, N skipped]`, and adds its counts. Repeated as tests are. */
async function counted(name, command, { isRepeat = false } = {}) {
  const { code, output } = await run(isRepeat ? `${name}, alone` : name, command);
  if (code !== 0 && !isRepeat) {
    repeats.push(() => counted(name, command, { isRepeat: true }));
    return;
  }
  const counts = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/m.exec(
    output.trimEnd().split('\n').at(-1) ?? '',
  );
  totals.passed += Number(counts?.[1] ?? 0);
  totals.failed += Number(counts?.[2] ?? 0);
  totals.skipped += Number(counts?.[3] ?? 0);
  if (code !== 0 && Number(counts?.[2] ?? 0) === 0) totals.failed++;
  if (code !== 0) failures.push(name);
  else if (isRepeat) console.log(`PASSED ONLY ALONE: ${name}`);
}

/** @returns the exit code, and what the command wrote to stdout */
function run(name, [command, ...args], env = process.env) {
  const startMillis = Date.now();
  const print = screen.open();
  print(`\n── ${name}\n`);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      print(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', print);
    child.once('error', (error) => print(`${error.message}\n`));
    child.once('close', (code) => {
      // A command that cannot be started ends with a negative number.
      const outcome = code === 0 ? 'ok' : `failed (exit ${code})`;
      print(`── ${name}: ${outcome}, ${seconds(startMillis)}\n`);
      screen.close(print);
      resolve({ code, output });
    });
  });
}

/** The output of one command after the other, though they run beside each other: the oldest is seen as it goes. */
function createScreen() {
  const waiting = [];
  return {
    open() {
      const texts = [];
      const print = (text) => {
        if (waiting[0] === print) process.stdout.write(text);
        else texts.push(text);
      };
      print.texts = texts;
      waiting.push(print);
      return print;
    },
    close(print) {
      print.closed = true;
      while (waiting[0]?.closed) {
        waiting.shift();
        for (const text of waiting[0]?.texts.splice(0) ?? []) process.stdout.write(text);
      }
    },
  };
}

function seconds(startMillis) {
  return `${((Date.now() - startMillis) / 1000).toFixed(1)} s`;
}
