/*
 * What services are started with, run for real. NODE_OPTIONS reaches every process; one of them serves.
 */
import { service } from './service.mjs';

/**
 * @typedef {object} Launcher
 * @property {string} name
 * @property {string[]} command its first word is a program of the folder, `node`, or a package manager of tools.mjs
 * @property {Record<string, string>} [packages] what is installed for it
 * @property {Record<string, string>} [files] files of the service, by path
 * @property {string[]} [install] installs the service. Default: npm
 * @property {'--import' | '--require'} [flag] what NODE_OPTIONS has. Default: --import
 * @property {boolean} [isTestRunner] ends by itself, and nothing is to be observed
 */

const typescript = { typescript: '5.9.3', '@types/node': '^20' };

/** @type {readonly Launcher[]} */
export const launchers = [
  { name: 'node', command: ['node', 'server.cjs'] },
  { name: 'npm start', command: ['npm 11', 'start'] },
  { name: 'npm start, `exec node server.js`', command: ['npm 11', 'run', 'exec'] },
  { name: 'npm start, npm 10', command: ['npm 10', 'start'] },
  { name: 'npm run, a script that runs a script', command: ['npm 11', 'run', 'nested'] },
  { name: 'npx', command: ['npx 11', '--no', 'orders'] },
  { name: 'pnpm start', command: ['pnpm', 'start'] },
  { name: 'pnpm exec', command: ['pnpm', 'exec', 'node', 'server.cjs'] },
  { name: 'yarn 1', command: ['yarn 1', 'start'] },
  {
    name: 'yarn 4',
    command: ['yarn 4', 'start'],
    install: ['yarn 4', 'install', '--no-immutable'],
    files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n' },
  },
  { name: 'node --watch', command: ['node', '--watch', 'server.cjs'] },
  { name: 'nodemon', command: ['nodemon', 'server.cjs'], packages: { nodemon: '^3' } },
  { name: 'nodemon under npm', command: ['npm 11', 'run', 'dev'], packages: { nodemon: '^3' } },
  { name: 'tsx', command: ['tsx', 'server.ts'], packages: { tsx: '^4' } },
  { name: 'tsx watch', command: ['tsx', 'watch', 'server.ts'], packages: { tsx: '^4' } },
  {
    name: 'nodemon with tsx',
    command: ['nodemon', '--exec', 'tsx', 'server.ts'],
    packages: { nodemon: '^3', tsx: '^4' },
  },
  {
    name: 'ts-node, with `--require`',
    command: ['ts-node', 'server.ts'],
    packages: { 'ts-node': '^10', ...typescript },
    files: { 'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'commonjs', types: ['node'] } }) },
    // With any `--import`, Node loads the script as an ES module, past the hook of ts-node.
    flag: '--require',
  },
  { name: 'concurrently', command: ['concurrently', 'node server.cjs'], packages: { concurrently: '^9' } },
  { name: 'cross-env', command: ['cross-env', 'A=1', 'node', 'server.cjs'], packages: { 'cross-env': '^7' } },
  { name: 'dotenv', command: ['dotenv', '--', 'node', 'server.cjs'], packages: { 'dotenv-cli': '^8' } },
  { name: 'npm-run-all', command: ['run-s', 'start'], packages: { 'npm-run-all2': '^7' } },
  { name: 'forever', command: ['forever', 'server.cjs'], packages: { forever: '^4' } },
  {
    name: 'nest start',
    command: ['nest', 'start'],
    packages: { '@nestjs/cli': '^11', ...typescript },
    files: {
      'nest-cli.json': JSON.stringify({ sourceRoot: 'src' }),
      'src/main.ts': service.typescript,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'commonjs',
          target: 'es2022',
          outDir: 'dist',
          rootDir: 'src',
          types: ['node'],
        },
        include: ['src'],
      }),
    },
  },
  {
    name: 'jest',
    command: ['jest'],
    packages: { jest: '^30' },
    files: { 'orders.test.js': "test('adds', () => { expect(1 + 1).toBe(2); });" },
    isTestRunner: true,
  },
  {
    name: 'vitest',
    command: ['vitest', 'run'],
    packages: { vitest: '^4' },
    files: {
      'orders.test.mjs':
        "import { expect, test } from 'vitest'; test('adds', () => { expect(1 + 1).toBe(2); });",
    },
    isTestRunner: true,
  },
  {
    name: 'mocha',
    command: ['mocha', 'orders.spec.cjs'],
    packages: { mocha: '^11' },
    files: { 'orders.spec.cjs': "it('adds', () => { require('node:assert').equal(1 + 1, 2); });" },
    isTestRunner: true,
  },
];
