import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { processKind, type StartedProcess } from './process-role.js';

const root = temporaryFolder('throughline-role-');
const roleOf = (script: string | undefined, more: Partial<StartedProcess> = {}) =>
  processKind({
    execPath: '/usr/bin/node',
    execArgv: [],
    script: script === undefined ? undefined : join(root, script),
    environment: {},
    ...more,
  }).role;
const write = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};

describe('stays out of', () => {
  test.each([
    ['npm', 'usr/lib/node_modules/npm/bin/npm-cli.js'],
    ['npx', 'usr/lib/node_modules/npm/bin/npx-cli.js'],
    ["Debian's npm", 'usr/share/nodejs/npm/bin/npm-cli.js'],
    ['pnpm of corepack', 'home/.cache/node/corepack/v1/pnpm/10.34.8/bin/pnpm.cjs'],
    ['pnpm 11', 'app/node_modules/pnpm/bin/pnpm.mjs'],
    ["yarn 1 of Node's image", 'opt/yarn-v1.22.22/bin/yarn.js'],
    ['yarn 4 of the service', 'app/.yarn/releases/yarn-4.9.1.cjs'],
    ['corepack', 'usr/lib/node_modules/corepack/dist/yarn.js'],
    ['nodemon', 'app/node_modules/nodemon/bin/nodemon.js'],
    ['tsx', 'app/node_modules/.pnpm/tsx@4.20.0/node_modules/tsx/dist/cli.mjs'],
    ['pm2', 'app/node_modules/pm2/lib/Daemon.js'],
    ['jest', 'app/node_modules/jest/bin/jest.js'],
    ["jest's workers", 'app/node_modules/jest-worker/build/workers/processChild.js'],
    ['vitest in a Plug-and-Play cache', 'app/.yarn/cache/vitest-npm-4.zip/node_modules/vitest/vitest.mjs'],
    ['the Nest CLI', 'app/node_modules/@nestjs/cli/bin/nest.js'],
    ['tsc', 'app/node_modules/typescript/bin/tsc'],
  ])('%s', (_name, script) => {
    expect(roleOf(script)).toBe('launcher');
  });

  test('node --watch and node --test, which start Node again', () => {
    expect(roleOf('app/server.js', { execArgv: ['--watch'] })).toBe('launcher');
    expect(roleOf('app/server.js', { execArgv: ['--watch-path=src', '--enable-source-maps'] })).toBe(
      'launcher',
    );
    expect(roleOf('app/server.test.js', { execArgv: ['--test'] })).toBe('launcher');
  });

  test('a command that is linked from node_modules/.bin', () => {
    write('linked/node_modules/nodemon/bin/nodemon.js', '');
    mkdirSync(join(root, 'linked/node_modules/.bin'));
    symlinkSync('../nodemon/bin/nodemon.js', join(root, 'linked/node_modules/.bin/nodemon'));
    expect(roleOf('linked/node_modules/.bin/nodemon')).toBe('launcher');
  });

  test('a tool that is not in node_modules, by its own package.json', () => {
    write(
      'brew/nodemon/package.json',
      JSON.stringify({ name: 'nodemon', bin: { nodemon: './bin/nodemon.js' } }),
    );
    expect(roleOf('brew/nodemon/bin/nodemon.js')).toBe('launcher');
  });
});

describe('observes from the start', () => {
  test.each([
    ['a script of the service', 'app/dist/main.js'],
    ['a script that is started without its extension', 'app/server'],
    ['a service whose name is that of a tool', 'turbo/server.js'],
    ['ts-node, which runs the service in its own process', 'app/node_modules/ts-node/dist/bin.js'],
    ['what pm2 keeps alive', 'app/node_modules/pm2/lib/ProcessContainerFork.js'],
  ])('%s', (_name, script) => {
    write('turbo/package.json', JSON.stringify({ name: 'turbo', main: 'server.js' }));
    expect(roleOf(script)).toBe('service');
  });

  test('a workspace package, which is only linked in node_modules', () => {
    write('mono/packages/orders/server.js', '');
    mkdirSync(join(root, 'mono/node_modules/@acme'), { recursive: true });
    symlinkSync('../../packages/orders', join(root, 'mono/node_modules/@acme/orders'));
    expect(roleOf('mono/node_modules/@acme/orders/server.js')).toBe('service');
  });

  test('an installed program, where the command line itself asks for it', () => {
    const execArgv = ['--import', '@throughline/core/register'];
    expect(roleOf('app/node_modules/next/dist/bin/next', { execArgv })).toBe('service');
    expect(roleOf('app/node_modules/nodemon/bin/nodemon.js', { execArgv })).toBe('launcher');
    expect(roleOf(undefined, { execArgv: ['--import=@throughline/core/register', '-e', '1'] })).toBe(
      'service',
    );
  });
});

test.each([
  ['an installed program that may serve', 'app/node_modules/next/dist/bin/next'],
  ['an installed program that nobody knows', 'app/node_modules/@acme/rare-tool/cli.js'],
  ['node -e, as in a health check', undefined],
])('waits with %s until it serves', (_name, script) => {
  expect(roleOf(script)).toBe('undecided');
});
