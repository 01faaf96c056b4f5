import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesToRun } from '@throughline/testbed/cases';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemsOfManifest, problemsOfTypes } from './packaging/package-problems.js';
import { typeChecker } from './packaging/type-check.js';
import { installPacked, pack, packages, runIn } from './packed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
let tarballs: Record<string, string>;
const run = (command: string, args: string[]): Promise<string> => runIn(folder, command, args);

/** The command as npm installs it. npx, with which users start it, takes longer than the command itself. */
const throughline = 'node_modules/.bin/throughline';

const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

beforeAll(async () => {
  ({ folder, tarballs } = await installPacked(
    ['express@5', '@types/express@5', 'typescript@5.9', '@types/node@20'],
    { installer: 'npm' },
  ));
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed packages, installed into an empty folder', () => {
  test('bring one copy of prom-client and of the OpenTelemetry API, and nothing else of OpenTelemetry', async () => {
    const output = await run('npm', ['ls', '--all', '--json']);
    const listed = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
    const found = new Map<string, Set<string>>();
    const walk = (node: { dependencies?: Record<string, { version?: string }> }) => {
      for (const [name, dependency] of Object.entries(node.dependencies ?? {})) {
        if (dependency.version) found.set(name, (found.get(name) ?? new Set()).add(dependency.version));
        walk(dependency as never);
      }
    };
    walk(listed);
    expect([...found.keys()].filter((name) => name.startsWith('@opentelemetry/'))).toEqual([
      '@opentelemetry/api',
    ]);
    for (const name of ['@opentelemetry/api', 'prom-client', 'winston'])
      expect([name, ...(found.get(name) ?? [])]).toHaveLength(2);
  });

  test('name the licence of every package whose code they contain', () => {
    const core = join(folder, 'node_modules/@throughline/core');
    const listed = readFileSync(join(core, 'THIRD-PARTY-LICENSES.md'), 'utf8');
    const contained = new Set<string>();
    for (const name of readdirSync(join(core, 'dist')).filter((file) => file.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(join(core, 'dist', name), 'utf8'));
      for (const source of sources as string[]) {
        const [, owner] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
        if (owner) contained.add(owner);
      }
    }
    expect(contained).toContain('@opentelemetry/core');
    expect([...contained].filter((name) => !new RegExp(`^## .*${name}[, ]`, 'm').test(listed))).toEqual([]);
    expect(listed).toBe(readFileSync(join(root, 'packages/core/THIRD-PARTY-LICENSES.md'), 'utf8'));
  });

  /** Code that uses each plugin package, so that its types are read. */
  const everyPlugin = packages
    .filter((name) => name !== 'core' && name !== 'cli')
    .map(
      (name, index) => `import { throughlinePlugin as plugin${index} } from '@throughline/${name}';
      initObservability({ plugins: [plugin${index}()] });`,
    )
    .join('\n');

  test('types of all packages need no package that users do not have, checked without skipLibCheck', async () => {
    write(
      'strict.mts',
      `
      import { initObservability } from '@throughline/core';
      import { diagnoseFolder } from '@throughline/core/diagnosis';
      import type { ObservabilityPlugin } from '@throughline/core/plugin';
      import { captureObservability } from '@throughline/core/testing';
      import { defineSlo } from 'throughline';
      ${everyPlugin}
      export const plugin: ObservabilityPlugin = { name: 'own', setup() {} };
      initObservability({ serviceName: 'x', plugins: [plugin] });
      export const captured = captureObservability();
      export const used = [diagnoseFolder, defineSlo];`,
    );
    await run(process.execPath, [
      'node_modules/typescript/bin/tsc',
      ...['--noEmit', '--strict', '--target', 'es2022', '--module', 'node16', '--types', 'node'],
      ...['--skipLibCheck', 'false', 'strict.mts'],
    ]);
  });

  const polluting = ["'text'", '{ a: 1 }', 'null', '() => 1'];
  test.each(casesToRun(polluting, (value) => value === 'null' || value === '() => 1'))(
    'load where something else has put %s on Object.prototype',
    async (value) => {
      const names = packages.filter((name) => name !== 'cli').map((name) => `@throughline/${name}`);
      const done = "initObservability({ metrics: { endpoint: false }, traces: { exporter: 'none' } });";
      write(
        'polluted.cjs',
        `Object.prototype.extended = ${value};
        const { initObservability } = require('@throughline/core');
        const loaded = ${JSON.stringify(names)}.map((name) => Object.keys(require(name)).length);
        ${done}
        console.log(loaded.every((count) => count > 0));`,
      );
      write(
        'polluted.mjs',
        `Object.prototype.extended = ${value};
        const { initObservability } = await import('@throughline/core');
        for (const name of ${JSON.stringify(names)}) await import(name);
        ${done}
        console.log(true);`,
      );
      for (const file of ['polluted.cjs', 'polluted.mjs']) {
        expect(await run(process.execPath, [file])).toContain('true\n');
      }
    },
  );

  const service = `
    const app = express();
    app.get('/orders/:id', (request, response) => {
      logger.info('order read', { id: request.params.id });
      response.json({ id: request.params.id });
    });
    const server = app.listen(0, async () => {
      await observability.ready;
      await (await fetch('http://localhost:' + server.address().port + '/orders/7')).text();
      await observability.flush();
      console.log((await observability.metrics.render()).body);
      await observability.shutdown();
      server.close();
    });`;
  const options =
    "{ team: 'checkout', traces: { exporter: 'console' }, metrics: { endpoint: { port: 0 } }, plugins: [expressPlugin()] }";
  const esm = {
    first: `import { initObservability, logger } from '@throughline/core';
      import { expressPlugin } from '@throughline/express';
      import express from 'express';
      const observability = initObservability(${options});${service}`,
    last: `import express from 'express';
      import { logger, initObservability } from '@throughline/core';
      import { expressPlugin } from '@throughline/express';
      let observability;
      ${service}
      observability = initObservability(${options});`,
  };
  const cjs = (source: string) => source.replace(/import (.+) from ('[^']+');/g, 'const $1 = require($2);');

  const variants: [string, string, string][] = [
    ['ES modules, init first', 'first.mjs', esm.first],
    ['ES modules, init last', 'last.mjs', esm.last],
    ['CommonJS, init first', 'first.cjs', cjs(esm.first)],
    ['CommonJS, init last', 'last.cjs', cjs(esm.last)],
  ];
  // test/matrix.test.ts has more of these.
  const variantsToRun = casesToRun(variants, ([, file]) => file === 'first.mjs' || file === 'last.cjs');
  test.each(variantsToRun)(
    '%s: span with route, metric with route, log line with the trace',
    async (_name, file, source) => {
      write(file, source);
      const output = await run(process.execPath, [file]);
      const traceId = /"message":"order read","trace_id":"([0-9a-f]{32})"/.exec(output)?.[1];
      expect(traceId, output).toBeDefined();
      expect(output).toContain("name: 'GET /orders/:id'");
      expect(output).toContain("'http.route': '/orders/:id'");
      // The caller's client span and the server span are one trace.
      expect(output.split(`traceId: '${traceId}'`).length - 1).toBeGreaterThanOrEqual(2);
      expect(output).toMatch(
        /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/orders\/:id",http_response_status_code="200",service_name="orders",service_version="4\.5\.6",team="checkout"\} 1/,
      );
      expect(output).toMatch(/http_client_request_duration_seconds_count\{/);
    },
  );

  test.each(['--import', '--require'])(
    '%s @throughline/core/register starts it without a change to the code',
    async (flag) => {
      write(
        'plain.mjs',
        `
      import { getObservability, logger } from '@throughline/core';
      logger.info('hello');
      console.log(getObservability().identity.serviceName);`,
      );
      const output = await run(process.execPath, [flag, '@throughline/core/register', 'plain.mjs']);
      expect(output).toContain('"message":"hello","service_name":"orders"');
    },
  );

  test('bring the command `throughline`', async () => {
    expect(await run('npx', ['--no-install', 'throughline', '--help'])).toContain(
      'throughline <command> [options]',
    );
    expect(await run(throughline, ['--version'])).toMatch(/^\d+\.\d+\.\d+$/m);
    await expect(run(throughline, ['no-such-command'])).rejects.toThrow(
      "There is no command 'no-such-command'",
    );
  });

  test('whose commands work on what a user writes', async () => {
    write(
      'contract.cjs',
      "module.exports = require('@throughline/core').defineContract({ mode: 'error', identity: { team: { required: true } } });",
    );
    write('scrape.txt', 'orders_total{team="checkout"} 1\n');
    expect(
      await run(throughline, ['check', '--contract', './contract.cjs', '--metrics', 'scrape.txt']),
    ).toContain('meet the contract');
    write(
      'throughline.slo.mjs',
      `import { defineSlo } from 'throughline';
      export default defineSlo({ name: 'up', objective: 0.99, window: '30d', sli: { kind: 'availability', of: { http: {} } } });`,
    );
    expect(await run(throughline, ['slo'])).toContain('name: "slo:orders:up:alerts"');
  });

  test('a breach of the contract ends a service that is started by register, with the list', async () => {
    write(
      'throughline.config.cjs',
      "module.exports = { contract: require('./contract.cjs'), metrics: { endpoint: false } };",
    );
    write('never.cjs', "console.log('started all the same');");
    try {
      const started = run(process.execPath, ['--require', '@throughline/core/register', 'never.cjs']);
      await expect(started).rejects.toThrow('team (team) is not set');
      await expect(started).rejects.not.toThrow('started all the same');
    } finally {
      rmSync(join(folder, 'throughline.config.cjs'));
    }
  });

  test('bring no parser to a service: core has neither the command nor its dependencies', async () => {
    // npm fails if none of them is installed.
    await expect(run('npm', ['ls', '@babel/parser', 'ignore', 'diff'])).rejects.toThrow('(empty)');
    const core = join(folder, 'node_modules/@throughline/core');
    expect(JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')).bin).toBeUndefined();
    for (const name of readdirSync(join(core, 'dist'))) {
      expect(readFileSync(join(core, 'dist', name), 'utf8'), name).not.toContain('jsxParseElement');
    }
    write('internal.cjs', "require('@throughline/core/internal');");
    await expect(run(process.execPath, ['internal.cjs'])).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('the two formats in one process are one instance', async () => {
    write(
      'both.mjs',
      `
      import { createRequire } from 'node:module';
      import { initObservability, getObservability, logger } from '@throughline/core';
      const observability = initObservability({ traces: { exporter: 'none' }, metrics: { endpoint: false } });
      const required = createRequire(import.meta.url)('@throughline/core');
      console.log(required.getObservability().tracer === observability.tracer, required.logger === logger);
      await observability.shutdown();`,
    );
    expect(await run(process.execPath, ['both.mjs'])).toContain('true true');
  });

  let check: ReturnType<typeof typeChecker> | undefined;
  test.each([
    ['node16', 'node16', 'usage.mts'],
    ['node16', 'node16', 'usage.cts'],
    ['bundler', 'esnext', 'usage.ts'],
    // What TypeScript does for CommonJS without further options.
    ['node10', 'commonjs', 'usage.ts'],
  ])('types resolve under %s (%s, %s)', async (resolution, module, file) => {
    write(
      file,
      `
      import { counter, defineContract, initObservability, logger, traced, withSpan, ObservabilityError, type Contract } from '@throughline/core';
      import type { ObservabilityPlugin } from '@throughline/core/plugin';
      import { diagnoseFolder } from '@throughline/core/diagnosis';
      import { defineSlo, type Slo } from 'throughline';
      import { captureObservability } from '@throughline/core/testing';
      import { dbPlugin } from '@throughline/db';
      import { expressPlugin } from '@throughline/express';
      ${everyPlugin}
      const own: ObservabilityPlugin = { name: 'own', setup(context) { context.logger.info('hi'); } };
      const contract: Contract = defineContract({ mode: 'warn', identity: { team: { required: true, values: ['a'] as const } } });
      // @ts-expect-error a part of the identity that does not exist
      defineContract({ mode: 'warn', identity: { region: { required: true } } });
      export const slo: Slo = defineSlo({ name: 'up', objective: 0.9, window: '7d', sli: { kind: 'availability', of: { http: {} } } });
      // @ts-expect-error a window that does not exist
      defineSlo({ name: 'up', objective: 0.9, window: '1y', sli: { kind: 'availability', of: { http: {} } } });
      export const missing: Promise<readonly { code: string }[]> = diagnoseFolder('.', {}).then(({ findings }) => findings);
      const observability = initObservability({ serviceName: 'x', contract, plugins: [expressPlugin(), dbPlugin({ queryText: 'none' }), own], metrics: { endpoint: false } });
      const value: number = withSpan('work', (span) => { span.setAttribute('a', 1); return 1; });
      const later: Promise<string> = withSpan('work', async () => 'x');
      logger.info('typed', { value, later });
      const placed = counter({ name: 'placed_total', help: 'Placed.', labelNames: ['channel'] });
      placed.inc({ channel: 'web' });
      // @ts-expect-error a label that does not exist
      placed.inc({ chanel: 'web' });
      export class OrderService {
        @traced()
        async place(order: number): Promise<number> { return order; }
      }
      export const captured: ReturnType<typeof captureObservability> = captureObservability();
      // @ts-expect-error an option that does not exist
      initObservability({ servceName: 'x' });
      // @ts-expect-error a level that does not exist
      observability.setLogLevel('loud');
      export function code(error: unknown) { return error instanceof ObservabilityError ? error.code : undefined; }`,
    );
    const flags = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2022',
      '--types',
      'node',
    ];
    check ??= typeChecker(folder);
    expect(check(file, [...flags, '--module', module, '--moduleResolution', resolution])).toEqual([]);
  });
});

describe('`throughline` alone, beside a code base that has nothing of ours', () => {
  let alone: string;
  const cli = (...args: string[]) => runIn(alone, throughline, args);
  beforeAll(async () => {
    alone = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-alone-')));
    const { cli: tarball } = await pack(['cli'], alone);
    writeFileSync(join(alone, 'package.json'), JSON.stringify({ name: 'orders', private: true }));
    await runIn(alone, 'npm', ['install', '--offline', '--no-audit', '--no-fund', `${tarball}`]);
    writeFileSync(
      join(alone, 'by-hand.ts'),
      "fetch(url as string, { headers: { 'x-trace-id': traceId } });\n",
    );
  }, 120_000);
  afterAll(() => rmSync(alone, { recursive: true, force: true }));

  test('installs nothing else, and loads nothing but Node', async () => {
    const installed = readdirSync(join(alone, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['throughline']);
    const dist = join(alone, 'node_modules/throughline/dist');
    // Only the commands that read code load the parser: it is in no file that a start of the command imports.
    const codeOf = (name: string) => readFileSync(join(dist, name), 'utf8');
    const isParser = (name: string) => codeOf(name).includes('jsxParseElement');
    expect(readdirSync(dist).filter((name) => name.endsWith('.js') && isParser(name))).toHaveLength(1);
    const imported = new Set(['main.js', 'index.js', 'index.cjs', 'probe.cjs']);
    for (const name of imported) {
      for (const [, other] of codeOf(name).matchAll(/^import\b[^;]*?["']\.\/([^"']+)["'];/gm)) {
        if (other) imported.add(other);
      }
    }
    expect(imported.size).toBeGreaterThan(4);
    expect([...imported].filter(isParser)).toEqual([]);
  });

  test('scan finds what the code does by hand', async () => {
    const report = JSON.parse(await cli('scan', '--json'));
    expect(report.findings).toEqual([
      expect.objectContaining({ kind: 'header-sent', file: 'by-hand.ts', header: 'x-trace-id' }),
    ]);
  });

  test('check and slo need no core either', async () => {
    writeFileSync(
      join(alone, 'contract.mjs'),
      "export default { mode: 'error', identity: { team: { required: true } } };",
    );
    writeFileSync(join(alone, 'scrape.txt'), 'orders_total{team="checkout"} 1\n');
    expect(await cli('check', '--contract', './contract.mjs', '--metrics', 'scrape.txt')).toContain(
      'meet the contract',
    );
    writeFileSync(
      join(alone, 'throughline.slo.cjs'),
      `module.exports = require('throughline').defineSlo(
        { name: 'up', objective: 0.99, window: '30d', sli: { kind: 'availability', of: { http: {} } } });`,
    );
    expect(await cli('slo')).toContain('name: "slo:orders:up:alerts"');
  });

  test('dev starts a service, and serves its page', async () => {
    const script = `fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/page.js').then(async (response) =>
      console.log('PAGE', response.status, (await response.text()).length > 50_000))`;
    const output = await cli('dev', '--port', '0', '--', process.execPath, '-e', script);
    expect(output).toContain('PAGE 200 true');
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  });

  test('doctor says that the library is not installed', async () => {
    await expect(cli('doctor')).rejects.toThrow('OBS_NOT_INSTALLED');
    await expect(cli('doctor', '--', 'node', '-e', '0')).rejects.toThrow('OBS_NOT_INSTALLED');
  });
});

describe('each package', () => {
  test.each(packages)('%s: publint and attw find nothing', async (name) => {
    const tarball = tarballs[name] ?? '';
    expect(await problemsOfManifest(tarball)).toEqual([]);
    expect(await problemsOfTypes(tarball)).toEqual([]);
  });
});
