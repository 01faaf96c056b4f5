import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../../core/test/built-core.js';

/* NODE_OPTIONS reaches npm, as in a Dockerfile with CMD ["npm", "start"]; what it reaches of the service differs. */
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const built = source('../../node_modules/.doctor-launchers-test');
let core: BuiltCore;
let examine: typeof import('./started-service.js')['examineStartedService'];

beforeAll(async () => {
  core = await buildCore('doctor-launchers-test');
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  const common = {
    bundle: true,
    platform: 'node',
    packages: 'external',
    alias: { '@throughline/core/internal': source('../../../core/src/internal.ts') },
    logLevel: 'error',
  } as const;
  await build({ ...common, entryPoints: [source('probe.ts')], outfile: `${built}/probe.cjs`, format: 'cjs' });
  const outfile = `${built}/examine.mjs`;
  await build({ ...common, entryPoints: [source('started-service.ts')], outfile, format: 'esm' });
  ({ examineStartedService: examine } = await import(pathToFileURL(outfile).href));
  writeFileSync(`${core.folder}/server.cjs`, "require('node:http').createServer().listen(0, '127.0.0.1');");
});
afterAll(() => {
  core.remove();
  rmSync(built, { recursive: true, force: true });
});

async function codes(start: string, register = '--import=@throughline/core/register') {
  writeFileSync(`${core.folder}/package.json`, JSON.stringify({ name: 'orders', scripts: { start } }));
  const report = await examine({
    command: ['npm', 'start'],
    folder: core.folder,
    environment: {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(npm|pnpm|vitest|node)_/i.test(name)),
      ),
      NODE_OPTIONS: register,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    },
    waitMillis: 20_000,
    testLine: false,
  });
  return report.findings.map(({ code, message }) => `${code} ${message}`);
}

// The scripts are for the shells of POSIX.
const isPosix = process.platform !== 'win32';
test.runIf(isPosix)('npm start where NODE_OPTIONS reaches the service: nothing is found', async () => {
  expect(await codes('exec node server.cjs')).toEqual([]);
});

test.runIf(isPosix)('npm start whose script clears NODE_OPTIONS: only npm was seen', async () => {
  const found = await codes("NODE_OPTIONS= node -e 'setTimeout(() => {}, 10)'");
  expect(found).toEqual([
    'OBS_ONLY_LAUNCHERS `npm start` ran only npm, and no process that serves was seen: nothing is recorded.',
  ]);
});
