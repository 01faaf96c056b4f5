/*
 * What pages show can be used as it is: blocks can be parsed, commands and their flags exist, names of variables and metrics
 * are right, and blocks that are whole programs run without a complaint. packages/core/src/examples.test.ts
 * type-checks the TypeScript.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parser as logql } from '@grafana/lezer-logql';
import { getObservability } from '@throughline/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type CodeBlock, codeBlocks, codeSpans } from './code-blocks.js';
import { markdownPages } from './pages.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = markdownPages(root, /(?:^|\/)(?:test|code-bases|\.changeset)\/|THIRD-PARTY/);
const blocks = pages.flatMap((page) => codeBlocks(page, read(page)));
const blocksIn = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
/** `<host>` and … stand for what the reader puts there. */
const filledIn = (code: string) => code.replace(/<[a-z][^<>\n]*>/g, 'X').replaceAll('…', 'X');
const firstNames = (page: string) =>
  new Set(Array.from(read(page).matchAll(/^\| \*{0,2}`([^`]+)`/gm), ([, name]) => name));

/** What is wrong with each block, by its place. */
function faultsOf(checked: readonly CodeBlock[], faultOf: (code: string) => string | undefined) {
  return checked.flatMap(({ place, code }) => {
    const fault = faultOf(code);
    return fault === undefined ? [] : [`${place}: ${fault}`];
  });
}

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is checked here or by the compiler, and output, which is only shown. */
const languages = [
  'ts',
  'js',
  'mjs',
  'sh',
  'bash',
  'json',
  'yaml',
  'yml',
  'console',
  'logql',
  'dockerfile',
  'text',
];

test('each block says what language it is, so that none escapes the checks', () => {
  expect(blocks.filter(({ language }) => !languages.includes(language)).map(({ place }) => place)).toEqual(
    [],
  );
  expect(blocks.length).toBeGreaterThan(250);
});

test('JSON and YAML can be parsed', () => {
  const lines = (code: string) => () =>
    code
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  expect(
    faultsOf(blocksIn('json'), (code) => messageOf(() => JSON.parse(code)) && messageOf(lines(code))),
  ).toEqual([]);
  const ofYaml = (code: string) =>
    parseAllDocuments(code).flatMap((document) => ('errors' in document ? document.errors : []))[0]?.message;
  expect(faultsOf(blocksIn('yaml', 'yml'), ofYaml)).toEqual([]);
  expect(ofYaml('a: [1')).toBeDefined();
});

test('LogQL can be parsed', () => {
  const ofLogql = (code: string) => {
    let fault: string | undefined;
    logql.parse(code).iterate({
      enter: ({ type, from }) => {
        if (type.isError) fault ??= `an error at character ${from}`;
      },
    });
    return fault;
  };
  expect(faultsOf(blocksIn('logql'), ofLogql)).toEqual([]);
  expect(ofLogql('{service_name="orders"} |= ')).toBeDefined();
});

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;
test.runIf(hasBash)('a shell can read the commands', () => {
  const ofShell = (code: string) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: filledIn(code), encoding: 'utf8' });
    return status === 0 ? undefined : stderr;
  };
  expect(faultsOf(blocksIn('sh', 'bash'), ofShell)).toEqual([]);
  expect(ofShell('if true; then')).toContain('syntax error');
});

test('the commands of throughline that pages show exist, with their flags', () => {
  const help = read('docs/reference/command-line.md');
  const faultOf = (code: string) => {
    for (const [, command, rest = ''] of code.matchAll(/\bthroughline (?!-)([a-z]+)\b([^\n#|&;)]*)/g)) {
      const section = help.split(`## throughline ${command}\n`)[1]?.split('\n## ')[0];
      if (section === undefined) return `there is no command 'throughline ${command}'`;
      // What follows -- is the command of the reader.
      for (const [flag] of (rest.split(' -- ')[0] ?? '').matchAll(/--[a-z][a-z-]*/g))
        if (!section.includes(flag)) return `'throughline ${command}' has no flag ${flag}`;
    }
    return undefined;
  };
  const spans = pages
    .filter((page) => page.startsWith('docs/') || page.endsWith('README.md'))
    .flatMap((page) => codeSpans(read(page)).map((code) => ({ place: page, language: '', code })))
    .filter(({ code }) => code.startsWith('throughline ') || code.startsWith('npx throughline '));
  expect(faultsOf([...blocksIn('sh', 'console'), ...spans], faultOf)).toEqual([]);
  expect(faultOf('npx throughline doctor --atach x')).toBe("'throughline doctor' has no flag --atach");
  expect(faultOf('npx throughline docter')).toBe("there is no command 'throughline docter'");
});

test('the scripts that the pages for contributors name exist', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const named = ['README.md', 'CONTRIBUTING.md', 'site/README.md'].flatMap((page) =>
    Array.from(read(page).matchAll(/\bnpm run ([\w:-]+)/g), ([, name]) => name),
  );
  expect(named.filter((name) => !Object.hasOwn(scripts, name as string))).toEqual([]);
});

test('the environment variables and metrics that pages name exist', () => {
  const variables = firstNames('docs/reference/environment.md');
  const metrics = firstNames('docs/reference/metrics.md');
  const texts = pages
    .filter((page) => page !== 'CONTRIBUTING.md')
    .flatMap((page) => [
      ...codeSpans(read(page)).map((code) => ({ page, code })),
      ...codeBlocks(page, read(page)).map(({ code }) => ({ page, code })),
    ]);
  const unknown = texts.flatMap(({ page, code }) => [
    ...Array.from(
      code.matchAll(/(?<![\w*])((?:OTEL|THROUGHLINE)_[A-Z0-9_]*[A-Z0-9])(?![\w*])/g),
      ([name]) => name,
    )
      .filter((name) => !variables.has(name))
      .map((name) => `${page}: ${name}`),
    ...Array.from(
      code.matchAll(/(?<![\w./-])throughline_[a-z_]+_(?:total|seconds|info)\b/g),
      ([name]) => name,
    )
      .filter((name) => !metrics.has(name))
      .map((name) => `${page}: ${name}`),
  ]);
  expect([...new Set(unknown)]).toEqual([]);
  expect(variables.size).toBeGreaterThan(60);
});

/** In a package that has what examples import. */
const folder = mkdtempSync(join(root, 'packages/core/test/.blocks-'));
beforeAll(() => {
  vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
  vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_PORT', '0');
  vi.stubEnv('THROUGHLINE_START_LINE', 'false');
  // What the reader has is missing here, which is no news.
  vi.stubEnv('LOG_LEVEL', 'error');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** Blocks of TypeScript that import Throughline, and what can be imported here. */
const programs = blocksIn('ts', 'js', 'mjs').filter(({ place, code }) => {
  const imported = Array.from(code.matchAll(/\bfrom '([^']+)'/g), ([, name = '']) => name);
  return (
    !place.startsWith('docs/reference/') &&
    imported.some((name) => name.startsWith('@throughline/')) &&
    // These start processes, or tests of their own.
    !imported.some((name) => ['node:cluster', 'node:test'].includes(name)) &&
    // Node cannot run decorators before a compiler has replaced them.
    !/^ *@\w+\(/m.test(code) &&
    imported.every((name) => name.startsWith('@throughline/') || isThere(name))
  );
});

function isThere(specifier: string): boolean {
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  return specifier.startsWith('node:') || existsSync(join(root, 'packages/core/node_modules', name));
}

/** What a diagnosis finds where a program ends at once, and libraries and backends are not there. */
const expected: ReadonlySet<string> = new Set([
  ...['OBS_PLUGIN_IDLE', 'OBS_PLUGIN_MISSING', 'OBS_INSTRUMENTATION_MISSING', 'OBS_NOT_STARTED'],
  ...['OBS_METRICS_COLLECT_FAILED', 'OBS_METRICS_UNREACHABLE', 'OBS_EXPORT_FAILED'],
]);

/** @returns undefined if the program uses a name that only the reader's service has */
async function complaintsOf(code: string, name: string): Promise<string[] | undefined> {
  const file = join(folder, `${name}.ts`);
  // Servers of several blocks have one port there.
  writeFileSync(file, code.replace(/\.listen\(\d+\)/g, '.listen(0).unref()'));
  try {
    await import(pathToFileURL(file).href);
    const { findings } = await getObservability().diagnose({ contact: false });
    return findings.filter((each) => !expected.has(each.code)).map((each) => `${each.code} ${each.message}`);
  } catch (error) {
    // `app` or `db` of the reader. The compiler has checked what is done with it.
    return error instanceof ReferenceError ? undefined : [String(error)];
  } finally {
    await getObservability().shutdown({ timeoutMillis: 5_000 });
  }
}

test('programs run without a complaint, as far as they do not use what the reader has', async () => {
  let count = 0;
  const complaints: string[] = [];
  for (const [index, { place, code }] of programs.entries()) {
    const found = await complaintsOf(code, `block-${index}`);
    if (found) count++;
    complaints.push(...(found ?? []).map((complaint) => `${place}: ${complaint}`));
  }
  expect(complaints).toEqual([]);
  expect(count).toBeGreaterThan(10);
  const wrong =
    "import { initObservability } from '@throughline/core'; initObservability({ plugins: [{} as never] });";
  expect(String(await complaintsOf(wrong, 'wrong'))).toContain('plugins');
}, 60_000);
