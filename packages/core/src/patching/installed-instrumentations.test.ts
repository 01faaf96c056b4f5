import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterEach, expect, test } from 'vitest';
import { initIn } from '../instance/entry.js';
import type { ObservabilityError } from '../model/errors.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { loadInstalledInstrumentations } from './installed-instrumentations.js';

const require = createRequire(import.meta.url);
const hapi = require('@hapi/hapi') as typeof import('@hapi/hapi');

const home = process.cwd();
let captured: CapturedObservability | undefined;
afterEach(async () => {
  await captured?.stop();
  captured = undefined;
  process.chdir(home);
});

/** The folder of a service with these packages, which are the ones installed here. */
function service(...names: string[]): string {
  const folder = temporaryFolder();
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'orders', dependencies }));
  for (const name of names.filter((each) => each.startsWith('@opentelemetry/'))) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(folderOf(name), place);
  }
  return folder;
}

const folderOf = (name: string) =>
  require.resolve(name).slice(0, require.resolve(name).lastIndexOf(name) + name.length);

function load(folder: string, plugins: readonly string[] = []) {
  const problems: ObservabilityError[] = [];
  const loaded = loadInstalledInstrumentations(folder, plugins, (error) => problems.push(error));
  return { names: loaded.map(({ instrumentationName }) => instrumentationName), problems };
}

test('the instrumentations among the dependencies are taken, except for what is recorded anyway', () => {
  const [pg, hapiName] = ['@opentelemetry/instrumentation-pg', '@opentelemetry/instrumentation-hapi'];
  const folder = service(pg, hapiName, '@opentelemetry/instrumentation-http', 'express');
  expect(load(folder)).toEqual({ names: [hapiName, pg], problems: [] });
  expect(load(folder, ['db']).names).toEqual([hapiName]);
});

test('one that cannot be loaded is named, with what to do, and the others are taken', () => {
  const folder = service('@opentelemetry/instrumentation-pg', 'broken-instrumentation');
  const broken = join(folder, 'node_modules/broken-instrumentation');
  mkdirSync(broken);
  writeFileSync(join(broken, 'index.js'), "throw new SyntaxError('no export named logs');");
  const { names, problems } = load(folder);
  expect(names).toEqual(['@opentelemetry/instrumentation-pg']);
  expect(problems).toMatchObject([
    {
      code: 'OBS_INSTRUMENTATION_FAILED',
      message: expect.stringContaining("'broken-instrumentation' could not be loaded: no export named logs"),
      fix: expect.stringContaining('0.223'),
    },
  ]);
  expect(load(temporaryFolder())).toEqual({ names: [], problems: [] });
});

/** Hapi answers with a span only if something names its route. */
async function routeOf(): Promise<unknown> {
  const server = hapi.server({ port: 0, host: '127.0.0.1' });
  server.route({ method: 'GET', path: '/orders/{id}', handler: () => 'ok' });
  await server.start();
  await (await fetch(`${server.info.uri}/orders/7`)).text();
  await server.stop();
  const span = await captured?.waitForSpan(({ attributes }) => attributes['url.path'] === '/orders/7');
  return span?.attributes['http.route'];
}

test("the doctor's advice for a library without a plugin leads to a route", async () => {
  captured = captureObservability();
  expect(await routeOf()).toBeUndefined();
  const { findings } = await captured.observability.diagnose({ contact: false });
  const advice = findings.find(({ message }) => message.startsWith('@hapi/hapi is loaded'))?.fix ?? '';
  await captured.stop();
  const [, name = '', version] = /npm install (\S+)@([\d.]+)`/.exec(advice) ?? [];
  // The version that is installed here is the one that the advice names.
  const installed = JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));
  expect(installed.version).toBe(version);
  const [, variable = '', value] = /(THROUGHLINE_\w+)=(\w+)/.exec(advice) ?? [];
  process.chdir(service(name));
  captured = captureObservability({ env: { [variable]: value } });
  expect(await routeOf()).toBe('/orders/{id}');
  expect((await captured.observability.diagnose({ contact: false })).findings).not.toContainEqual(
    expect.objectContaining({ code: 'OBS_INSTRUMENTATION_MISSING' }),
  );
});

test('a wrong value is refused', () => {
  expect(() => initIn({}, { instrumentations: 'all' as 'installed' })).toThrow(
    "takes 'installed', or an array",
  );
});
