import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { describe, expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { version } from '../command-line/version.js';
import { commands } from '../commands.js';
import { parseCode } from '../scan/code/parse.js';

type Files = Readonly<Record<string, string>>;

const all = temporaryFolder();

function serviceOf(files: Files): string {
  const folder = mkdtempSync(join(all, 'service-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function init(
  folder: string,
  args: readonly string[] = [],
  options: Parameters<typeof recordedIo>[0] = {},
) {
  const io = recordedIo({ folder, ...options });
  const exitCode = await runCommandLine(commands, ['init', ...args], io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}

const write = ['--yes', '--no-install', '--team', 'checkout'];

/** All files of a folder with their bytes. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), readFileSync(path).toString('base64')];
    }),
  );
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');

interface Case {
  readonly name: string;
  readonly files: Files;
  readonly entry: string;
  readonly line: string;
  readonly packages: readonly string[];
}

const range = `^${version}`;
const cases: readonly Case[] = [
  {
    name: 'Express in CommonJS, with pg and ioredis',
    files: {
      'package.json': json({
        name: 'orders',
        scripts: { start: 'node server.js' },
        dependencies: { express: '^5', ioredis: '^5', pg: '^8' },
      }),
      'server.js': "'use strict';\n\nconst express = require('express');\nexpress().listen(0);\n",
    },
    entry: 'server.js',
    line: "'use strict';\n\nrequire('@throughline/core/register');\n".replace('\n\n', '\n'),
    packages: ['core', 'db', 'express'],
  },
  {
    name: 'Express in TypeScript ES modules, built by tsc',
    files: {
      'package.json': json({
        name: '@acme/orders',
        type: 'module',
        main: 'dist/server.js',
        scripts: { build: 'tsc', start: 'node dist/server.js', dev: 'tsx watch src/server.ts' },
        dependencies: { express: '^5', kafkajs: '^2' },
      }),
      'tsconfig.json':
        '{\n  // where it goes\n  "compilerOptions": { "outDir": "./dist", "rootDir": "src", },\n}\n',
      'src/server.ts':
        'import type { Express } from "express";\nimport express from "express";\nexport const app: Express = express();\n',
      'dist/server.js': 'import express from "express";\n',
    },
    entry: 'src/server.ts',
    line: 'import "@throughline/core/register";\nimport type',
    packages: ['core', 'express', 'kafka'],
  },
  {
    name: 'Fastify',
    files: {
      'package.json': json({
        name: 'orders',
        type: 'module',
        scripts: { start: 'NODE_ENV=production node --env-file .env ./app' },
        dependencies: { fastify: '^5' },
      }),
      'app.js': "import Fastify from 'fastify'\nconst app = Fastify()\n",
    },
    entry: 'app.js',
    line: "import '@throughline/core/register'\n",
    packages: ['core', 'fastify'],
  },
  {
    name: 'Koa under pm2, by way of another script',
    files: {
      'package.json': json({
        name: 'orders',
        scripts: { start: 'npm run serve', serve: 'pm2-runtime start -i 2 lib/index.js' },
        dependencies: { amqplib: '1', koa: '^3' },
      }),
      'lib/index.js': '#!/usr/bin/env node\n"use strict";\nconst Koa = require("koa");\n',
    },
    entry: 'lib/index.js',
    line: '#!/usr/bin/env node\n"use strict";\nrequire("@throughline/core/register");\n',
    packages: ['core', 'koa', 'rabbitmq'],
  },
  {
    name: 'Hono with tsx',
    files: {
      'package.json': json({
        name: 'orders',
        type: 'module',
        scripts: { start: 'cross-env PORT=1 tsx src/index.ts' },
        dependencies: { '@hono/node-server': '2', bullmq: '5', hono: '^4' },
      }),
      'src/index.ts': "import { serve } from '@hono/node-server';\n",
    },
    entry: 'src/index.ts',
    line: "import '@throughline/core/register';\nimport { serve }",
    packages: ['bullmq', 'core', 'hono'],
  },
  {
    name: 'NestJS on Express',
    files: {
      'package.json': json({
        name: 'orders',
        scripts: { start: 'nest start', 'start:prod': 'node dist/main' },
        dependencies: { '@nestjs/core': '11', '@nestjs/platform-express': '11', mongoose: '9' },
        // What only tests use needs no plugin.
        devDependencies: { koa: '3' },
      }),
      'nest-cli.json': json({ collection: '@nestjs/schematics', sourceRoot: 'src' }),
      'src/main.ts': "import { NestFactory } from '@nestjs/core';\nvoid NestFactory;\n",
    },
    entry: 'src/main.ts',
    line: "import '@throughline/core/register';\n",
    packages: ['core', 'db', 'express'],
  },
  {
    name: 'NestJS on Fastify, without nest-cli.json',
    files: {
      'package.json': json({
        name: 'orders',
        scripts: { start: 'node dist/src/main.js' },
        dependencies: { '@nestjs/core': '11', '@nestjs/platform-fastify': '11' },
      }),
      'src/main.ts': "import { NestFactory } from '@nestjs/core';\n",
    },
    entry: 'src/main.ts',
    line: "import '@throughline/core/register';\n",
    packages: ['core', 'fastify'],
  },
  {
    name: 'a command by its bin, before main',
    files: {
      'package.json': json({ name: 'orders', main: './lib/index.js', bin: { orders: './bin/orders.js' } }),
      'bin/orders.js': "#!/usr/bin/env node\nrequire('../lib/index.js');\n",
      'lib/index.js': '',
    },
    entry: 'bin/orders.js',
    line: "#!/usr/bin/env node\nrequire('@throughline/core/register');\n",
    packages: ['core'],
  },
  {
    name: 'plain http, in a file without extension',
    files: {
      'package.json': json({ name: 'orders', scripts: { start: 'node ./bin/www' } }),
      'bin/www': "#!/usr/bin/env node\n\nconst http = require('http');\n",
    },
    entry: 'bin/www',
    line: "#!/usr/bin/env node\nrequire('@throughline/core/register');\n",
    packages: ['core'],
  },
  {
    name: '@platformatic/kafka and redis under nodemon with ts-node',
    files: {
      'package.json': json({
        name: 'orders',
        scripts: {
          dev: 'nodemon --watch src -e ts --exec "ts-node -r dotenv/config" src/worker.ts',
          start: "nodemon --exec 'ts-node src/worker.ts'",
        },
        dependencies: { '@platformatic/kafka': '2', redis: '^5' },
      }),
      'src/worker.ts': "import x = require('redis');\nexport = x;\n",
    },
    entry: 'src/worker.ts',
    line: "require('@throughline/core/register');\n",
    packages: ['core', 'db', 'kafka'],
  },
];

describe('throughline init', () => {
  test.each(cases)(
    '$name: one line, the plugins and a config file; undone byte for byte',
    async (service) => {
      const folder = serviceOf(service.files);
      const before = contents(folder);
      const { exitCode, out, problems } = await init(folder, write);
      expect(problems).not.toContain('Error');
      expect(exitCode).toBe(0);

      const entry = read(folder, service.entry);
      expect(entry).toContain(service.line);
      expect(out).toContain(`--- a/${service.entry}`);
      expect(out).toContain(
        `+${service.line
          .trimEnd()
          .split('\n')
          .find((line) => line.includes('throughline'))}`,
      );
      parseCode(service.entry.endsWith('www') ? 'www.js' : service.entry, entry);
      // Only this line is new.
      expect(
        entry
          .split('\n')
          .filter((line) => !line.includes('@throughline/core/register'))
          .join('\n'),
      ).toBe(service.files[service.entry]);
      const { dependencies } = JSON.parse(read(folder, 'package.json'));
      expect(
        Object.entries(dependencies)
          .filter(([name]) => name.startsWith('@throughline/'))
          .sort(),
      ).toEqual(service.packages.map((name) => [`@throughline/${name}`, range]));
      expect(Object.keys(dependencies)).toEqual(Object.keys(dependencies).sort());
      const { default: options } = await import(pathToFileURL(join(folder, 'throughline.config.mjs')).href);
      expect(options).toEqual({ serviceName: 'orders', team: 'checkout' });

      const after = contents(folder);
      const again = await init(folder, write);
      expect(again).toMatchObject({ exitCode: 0, out: '' });
      expect(again.problems).toContain('Already there');
      expect(contents(folder)).toEqual(after);

      expect((await init(folder, ['--undo'])).exitCode).toBe(0);
      expect(contents(folder)).toEqual(before);
    },
  );

  const express = cases[0]?.files as Files;

  test('--dry-run writes nothing', async () => {
    const folder = serviceOf(express);
    const { exitCode, out } = await init(folder, ['--dry-run']);
    expect(exitCode).toBe(0);
    expect(out).toContain("+require('@throughline/core/register');");
    expect(contents(folder)).toEqual(contents(serviceOf(express)));
  });

  test('without a terminal it shows the diff, writes nothing, and says so with exit code 2', async () => {
    const folder = serviceOf(express);
    const { exitCode, out, problems } = await init(folder);
    expect(exitCode).toBe(2);
    expect(out).toContain('+++ b/package.json');
    expect(problems).toContain('Nothing was written, because there is no terminal');
    expect(contents(folder)).toEqual(contents(serviceOf(express)));
  });

  test('on a terminal it asks for the identity, and then whether to write', async () => {
    const folder = serviceOf(express);
    const answers = { Team: "o'neill", Environment: 'staging' };
    const declined = await init(folder, ['--no-install'], { answer: false, answers });
    expect(declined.exitCode).toBe(0);
    expect(contents(folder)).toEqual(contents(serviceOf(express)));

    const accepted = await init(folder, ['--no-install'], { answer: true, answers });
    expect(accepted.problems).toContain('Name of the service [orders]:');
    const { default: options } = await import(pathToFileURL(join(folder, 'throughline.config.mjs')).href);
    expect(options).toEqual({ serviceName: 'orders', team: "o'neill", environment: 'staging' });
  });

  test('invents no team', async () => {
    const folder = serviceOf(express);
    const { problems } = await init(folder, ['--yes', '--no-install']);
    expect(problems).toContain('No team is set');
    expect(read(folder, 'throughline.config.mjs')).toContain('// team: ');
  });

  test('a bundled service gets --import in the scripts that start it', async () => {
    const folder = serviceOf({
      'package.json': json({
        name: 'orders',
        scripts: {
          build: 'esbuild src/a.ts --bundle --outfile=dist/a.js',
          start: 'npm run build && PORT=1 node --enable-source-maps dist/a.js',
        },
      }),
      'src/a.ts': 'export {};\n',
      Dockerfile: 'FROM node:22\nCOPY dist ./dist\nCMD ["node", "dist/a.js"]\n',
      Procfile: 'web: node dist/a.js\n',
    });
    const before = contents(folder);
    const { exitCode, problems } = await init(folder, write);
    expect(exitCode).toBe(0);
    expect(JSON.parse(read(folder, 'package.json')).scripts.start).toBe(
      'npm run build && PORT=1 node --import @throughline/core/register --enable-source-maps dist/a.js',
    );
    expect(problems).toContain('CMD node --import @throughline/core/register dist/a.js');
    expect(problems).toContain('web: node --import @throughline/core/register dist/a.js');
    expect(problems).toContain('COPY throughline.config.mjs ./');
    expect((await init(folder, write)).problems).toContain('Already there');
    await init(folder, ['--undo']);
    expect(contents(folder)).toEqual(before);
  });

  test.each([
    ['only a part of the service', 'COPY services/orders/dist services/orders/dist', true],
    ['the folder of the service', 'COPY ./services/orders/ ./services/orders/', false],
    ['the folder of all services', 'COPY services services', false],
  ])(
    'an image that starts the service from the root of the workspace, with %s',
    async (_name, copy, isMissing) => {
      const root = serviceOf({
        'package.json': json({ name: 'shop', workspaces: ['services/*'] }),
        'services/orders/package.json': json({ name: 'orders', scripts: { start: 'node main.js' } }),
        'services/orders/main.js': '',
        'services/orders/Dockerfile': `FROM node:22\nWORKDIR /app\n${copy}\nCMD ["node", "services/orders/main.js"]\n`,
      });
      const { problems } = await init(root, [...write, '--workspace', 'orders']);
      expect(problems).toContain('EXPOSE 9464');
      expect(problems.includes('COPY services/orders/throughline.config.mjs services/orders/ ')).toBe(
        isMissing,
      );
      expect(problems).not.toContain('WORKDIR');
    },
  );

  test('says what deployments need, and changes none of them', async () => {
    const files = {
      ...express,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD npm start\n',
      'docker-compose.yml': 'services:\n  orders:\n    build: .\n',
      'k8s/orders.yaml': 'apiVersion: apps/v1\nkind: Deployment\n',
      'ecosystem.config.js': 'module.exports = { apps: [] };\n',
    };
    const folder = serviceOf(files);
    const { problems } = await init(folder, write);
    for (const part of [
      'EXPOSE 9464',
      'exec node',
      'prometheus.io/scrape',
      'docker-compose.yml',
      'OTEL_EXPORTER_PROMETHEUS_PORT',
    ]) {
      expect(problems).toContain(part);
    }
    expect(problems).not.toContain('COPY throughline.config.mjs');
    for (const name of [
      'Dockerfile',
      'docker-compose.yml',
      'k8s/orders.yaml',
      'ecosystem.config.js',
    ] as const) {
      expect(read(folder, name)).toBe(files[name]);
    }
  });
});

describe('throughline init keeps what it does not change', () => {
  const layouts: Record<string, (text: string) => string> = {
    'CRLF and tabs': (text) => text.replaceAll('  ', '\t').replaceAll('\n', '\r\n'),
    'four spaces, no newline at the end': (text) => text.replaceAll('  ', '    ').trimEnd(),
    'a byte order mark': (text) => `\uFEFF${text}`,
  };
  test.each(Object.entries(layouts))('%s', async (_name, layout) => {
    const manifest = layout(
      json({ name: 'orders', scripts: { start: 'node a.js' }, dependencies: { zod: '4' }, license: 'MIT' }),
    );
    const code = layout("'use strict';\nconst a = 1;\n");
    const folder = serviceOf({ 'package.json': manifest, 'a.js': code });
    const before = contents(folder);
    await init(folder, write);
    const line =
      read(folder, 'package.json')
        .split('\n')
        .find((each) => each.includes('@throughline/core')) ?? '';
    expect(read(folder, 'package.json').replace(`${line}\n`, '')).toBe(manifest);
    expect(line.replace(/".*/, '')).toBe(
      manifest
        .split('\n')
        .find((each) => each.includes('zod'))
        ?.replace(/".*/, ''),
    );
    expect(line.endsWith('\r')).toBe(manifest.includes('\r\n'));
    const end = code.includes('\r\n') ? '\r\n' : '\n';
    expect(read(folder, 'a.js')).toBe(
      code.replace(`const a`, `require('@throughline/core/register');${end}const a`),
    );
    await init(folder, ['--undo']);
    expect(contents(folder)).toEqual(before);
  });

  test.each([
    [
      'a.ts',
      '// @ts-nocheck\nimport a from "a";\n',
      '// @ts-nocheck\nimport "@throughline/core/register";\nimport a',
    ],
    [
      'a.ts',
      '/// <reference types="node" />\nimport a from \'a\';\n',
      '/// <reference types="node" />\nimport \'@th',
    ],
    ['a.js', '/*\n * Copyright Acme\n */\nconst a = 1;\n', '*/\nrequire('],
    ['a.js', '// Reads the list.\nconst a = 1;\n', "require('@throughline/core/register');\n// Reads"],
    [
      'a.js',
      "'use client';\n'use strict'; const a = 1;\n",
      "'use strict';\nrequire('@throughline/core/register');\n const a",
    ],
    ['a.js', '', "require('@throughline/core/register');\n"],
    ['a.mjs', 'console.log(1)\n', "import '@throughline/core/register'\n"],
    ['a.cjs', 'console.log(1);\n', "require('@throughline/core/register');\n"],
  ])('%s: what must stay first stays first (%#)', async (name, code, expected) => {
    const folder = serviceOf({ 'package.json': json({ name: 'a', main: name }), [name]: code });
    expect(await init(folder, write)).toMatchObject({ exitCode: 0 });
    expect(read(folder, name)).toContain(expected);
  });

  test('a package.json on one line', async () => {
    const folder = serviceOf({ 'package.json': '{"main":"a.js","dependencies":{"zod":"4"}}', 'a.js': '' });
    await init(folder, write);
    expect(read(folder, 'package.json')).toBe(
      `{"main":"a.js","dependencies":{"@throughline/core": "${range}","zod":"4"}}`,
    );
  });

  test('rights and links', async () => {
    const folder = serviceOf({
      'package.json': json({ name: 'a', main: 'link.js' }),
      'real.js': '#!/usr/bin/env node\n',
    });
    chmodSync(join(folder, 'real.js'), 0o755);
    symlinkSync('real.js', join(folder, 'link.js'));
    await init(folder, write);
    expect(lstatSync(join(folder, 'link.js')).isSymbolicLink()).toBe(true);
    expect(statSync(join(folder, 'real.js')).mode & 0o777).toBe(0o755);
    expect(read(folder, 'real.js')).toContain('register');
  });
});

describe('throughline init with what is there already', () => {
  const base = { name: 'orders', scripts: { start: 'node a.js' } };

  test.each([
    ['dd-trace', "require('dd-trace').init();\n"],
    ['dd-trace', "import 'dd-trace/init';\n"],
    ['@sentry/node', "const Sentry = require('@sentry/node');\nSentry.init({});\n"],
    [
      '@opentelemetry/sdk-node',
      "import { NodeSDK } from '@opentelemetry/sdk-node';\nnew NodeSDK().start();\n",
    ],
    ['newrelic', "require('newrelic');\n"],
  ])('%s that is started: refuses, unless --beside-agent is there', async (agent, code) => {
    const folder = serviceOf({
      'package.json': json({ ...base, dependencies: { [agent]: '1' } }),
      'a.js': code,
    });
    const refused = await init(folder, write);
    expect(refused.exitCode).toBe(2);
    expect(refused.problems).toContain('OBS_INIT_OTHER_AGENT');
    expect(refused.problems).toContain(`${agent} in a.js`);
    expect(read(folder, 'a.js')).toBe(code);
    expect((await init(folder, [...write, '--beside-agent'])).exitCode).toBe(0);
  });

  test('an agent in a start script is seen, and one that is only installed is a warning', async () => {
    const started = serviceOf({
      'package.json': json({ ...base, scripts: { start: 'node -r dd-trace/init a.js' } }),
      'a.js': '',
    });
    expect((await init(started, write)).problems).toContain('dd-trace in scripts.start');
    const installed = serviceOf({
      'package.json': json({ ...base, dependencies: { 'dd-trace': '5' } }),
      'a.js': '',
    });
    const { exitCode, problems } = await init(installed, write);
    expect(exitCode).toBe(0);
    expect(problems).toContain('dd-trace is in package.json');
  });

  test('a service that calls initObservability gets only what is missing', async () => {
    const folder = serviceOf({
      'package.json': json({ ...base, dependencies: { '@throughline/core': '^0.1.0', express: '5' } }),
      'a.js': "require('@throughline/core').initObservability({});\n",
    });
    const { exitCode, problems } = await init(folder, write);
    expect(exitCode).toBe(0);
    expect(problems).toContain('a.js already');
    expect(existsSync(join(folder, 'throughline.config.mjs'))).toBe(false);
    expect(JSON.parse(read(folder, 'package.json')).dependencies['@throughline/express']).toBe(range);
  });

  test('a config file of the user stays, and loggers and prom-client are explained', async () => {
    const folder = serviceOf({
      'package.json': json({ ...base, dependencies: { winston: '3', 'prom-client': '15' } }),
      'a.js': '',
      'throughline.config.js': 'module.exports = {};\n',
    });
    const { problems } = await init(folder, write);
    expect(read(folder, 'throughline.config.js')).toBe('module.exports = {};\n');
    expect(existsSync(join(folder, 'throughline.config.mjs'))).toBe(false);
    expect(problems).toContain('winston stays');
    expect(problems).toContain('prom-client stays');
  });
});

describe('throughline init in a workspace', () => {
  const pnpm: Files = {
    'package.json': json({ name: 'root', private: true }),
    'pnpm-workspace.yaml': "packages:\n  - 'services/*'\n  - packages/**\n  - '!packages/old'\n",
    'pnpm-lock.yaml': 'lockfileVersion: 9\n',
    'services/orders/package.json': json({
      name: '@acme/orders',
      main: 'a.js',
      scripts: { start: 'node a.js' },
      dependencies: { koa: '3' },
    }),
    'services/orders/a.js': '',
    'services/stock/package.json': json({ name: '@acme/stock', scripts: { start: 'node a.js' } }),
    'services/stock/a.js': '',
    'packages/observability-contract/package.json': json({ name: '@acme/observability-contract' }),
    'packages/old/package.json': json({ name: 'old', scripts: { start: 'node a.js' } }),
  };

  test('lists the services where none is named', async () => {
    const { exitCode, problems } = await init(serviceOf(pnpm), write);
    expect(exitCode).toBe(2);
    expect(problems).toMatch(/@acme\/orders \(services\/orders\)\n.*@acme\/stock \(services\/stock\)\n/);
    expect(problems).not.toContain('old');
    expect(problems).toContain('OBS_INIT_WORKSPACE');
  });

  test.each(['@acme/orders', 'services/orders'])(
    '--workspace %s changes that service only, with the contract',
    async (name) => {
      const folder = serviceOf(pnpm);
      const before = contents(folder);
      const { exitCode, problems } = await init(folder, [...write, '--workspace', name]);
      expect(exitCode).toBe(0);
      expect(problems).toContain('pnpm, because of pnpm-lock.yaml');
      const service = join(folder, 'services/orders');
      expect(JSON.parse(read(service, 'package.json')).dependencies).toMatchObject({
        '@acme/observability-contract': 'workspace:*',
        '@throughline/koa': range,
      });
      expect(read(service, 'throughline.config.mjs')).toContain(
        "import { contract } from '@acme/observability-contract';",
      );
      expect(read(folder, 'package.json')).toBe(pnpm['package.json']);
      expect((await init(folder, ['--workspace', name, '--undo'])).exitCode).toBe(0);
      expect(contents(folder)).toEqual(before);
    },
  );

  test('asks which one on a terminal', async () => {
    const folder = serviceOf(pnpm);
    const answers = { 'Which one': '@acme/stock' };
    expect((await init(folder, ['--no-install'], { answer: true, answers })).exitCode).toBe(0);
    expect(existsSync(join(folder, 'services/stock/throughline.config.mjs'))).toBe(true);
  });

  test('a workspace of npm or Yarn with one service needs no name', async () => {
    const folder = serviceOf({
      'package.json': json({ workspaces: { packages: ['apps/*', 'libs/*'] }, packageManager: 'yarn@4.9.1' }),
      'apps/orders/package.json': json({ name: 'orders', scripts: { start: 'node a.js' } }),
      'apps/orders/a.js': '',
      'libs/words/package.json': json({ name: 'words', main: 'index.js' }),
      'libs/words/index.js': '',
    });
    const { exitCode, problems } = await init(folder, write);
    expect(exitCode).toBe(0);
    expect(problems).toContain('yarn, because of packageManager');
    expect(existsSync(join(folder, 'apps/orders/throughline.config.mjs'))).toBe(true);
  });
});

describe('the package manager', () => {
  test.each([
    [{ 'package-lock.json': '{}' }, {}, 'npm'],
    [{ 'yarn.lock': '# yarn lockfile v1\n' }, {}, 'yarn 1'],
    [{ 'yarn.lock': '__metadata:\n  version: 8\n' }, {}, 'yarn'],
    [{ 'bun.lock': '{}' }, {}, 'bun'],
    [{ 'pnpm-lock.yaml': '' }, {}, 'pnpm'],
    [{ 'package-lock.json': '{}' }, { packageManager: 'pnpm@10.1.0+sha512.abc' }, 'pnpm'],
    [{}, { packageManager: 'yarn@1.22.22' }, 'yarn 1'],
    [{}, {}, 'npm'],
  ])('%j and %j: %s', async (files, manifest, expected) => {
    const folder = serviceOf({
      'package.json': json({ name: 'a', main: 'a.js', ...manifest }),
      'a.js': '',
      ...(files as Files),
    });
    expect((await init(folder, ['--dry-run'])).problems).toMatch(
      new RegExp(`Packages +${expected}, because`),
    );
  });
});

describe('throughline init refuses, with a code and a fix, and writes nothing', () => {
  const faults: readonly (readonly [name: string, files: Files, code: string, part: string])[] = [
    ['no package.json', {}, 'OBS_INIT_PACKAGE_JSON', 'There is no package.json'],
    ['broken JSON', { 'package.json': '{ "name": ' }, 'OBS_INIT_PACKAGE_JSON', 'not valid JSON'],
    [
      'comments',
      { 'package.json': '{\n  // the name\n  "name": "a"\n}' },
      'OBS_INIT_PACKAGE_JSON',
      'comments',
    ],
    ['a list', { 'package.json': '[]' }, 'OBS_INIT_PACKAGE_JSON', 'JSON object'],
    [
      'wrong dependencies',
      { 'package.json': '{"dependencies": ["express"]}' },
      'OBS_INIT_PACKAGE_JSON',
      '"dependencies"',
    ],
    [
      'no entry',
      { 'package.json': '{"name": "a", "main": "gone.js"}' },
      'OBS_INIT_ENTRY',
      'No file that starts',
    ],
    [
      'a built entry only',
      { 'package.json': '{"main": "dist/a.js"}', 'dist/a.js': '' },
      'OBS_INIT_ENTRY',
      'written by a build',
    ],
    [
      'Bun',
      { 'package.json': '{"scripts": {"start": "bun run src/index.ts"}}', 'src/index.ts': '' },
      'OBS_INIT_ENTRY',
      'bun',
    ],
    [
      'another program',
      { 'package.json': '{"scripts": {"start": "next start"}}' },
      'OBS_INIT_ENTRY',
      'NODE_OPTIONS',
    ],
    [
      'an entry that cannot be parsed',
      { 'package.json': '{"main": "a.js"}', 'a.js': 'const = ;' },
      'OBS_INIT_ENTRY',
      'a.js cannot be parsed',
    ],
  ];
  test.each(faults)('%s', async (_name, files, code, part) => {
    const folder = serviceOf(files);
    const { exitCode, problems } = await init(folder, write);
    expect(exitCode).toBe(2);
    expect(problems).toContain(code);
    expect(problems).toContain(part);
    expect(contents(folder)).toEqual(contents(serviceOf(files)));
  });

  test('an entry that is not UTF-8', async () => {
    const folder = serviceOf({ 'package.json': '{"main": "a.js"}' });
    writeFileSync(join(folder, 'a.js'), Buffer.from('// caf\xe9\n', 'latin1'));
    expect((await init(folder, write)).problems).toContain('is not UTF-8');
  });

  test('--entry that is not there, is outside, or is built', async () => {
    const folder = serviceOf({
      'package.json': '{"main": "a.js"}',
      'a.js': '',
      'src/b.ts': '',
      'dist/b.js': '',
    });
    expect((await init(folder, [...write, '--entry', 'x.js'])).problems).toContain("There is no file 'x.js'");
    expect((await init(folder, [...write, '--entry', '../x.js'])).problems).toContain('There is no file');
    expect((await init(folder, [...write, '--entry', 'dist/b.js'])).problems).toContain('--entry src/b.ts');
    expect((await init(folder, [...write, '--entry', 'src/b.ts'])).exitCode).toBe(0);
    expect(read(folder, 'src/b.ts')).toContain('register');
  });

  test('a folder that cannot be written to', async () => {
    const folder = serviceOf({ 'package.json': '{"main": "a.js"}', 'a.js': '' });
    chmodSync(folder, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      const { exitCode, problems } = await init(folder, write);
      expect(exitCode).toBe(2);
      expect(problems).toContain('OBS_INIT_NOT_WRITTEN');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o755);
    }
    expect(contents(folder)).toEqual(contents(serviceOf({ 'package.json': '{"main": "a.js"}', 'a.js': '' })));
  });

  // Bun is not installed, or does not find the file.
  test('a package manager that fails: all files are put back', async () => {
    const folder = serviceOf({
      'package.json': json({
        name: 'a',
        main: 'a.js',
        packageManager: 'bun@1.4.5',
        dependencies: { gone: 'file:./gone.tgz' },
      }),
      'a.js': '',
      '.npmrc': 'offline=true\nfetch-retries=0\n',
    });
    const before = contents(folder);
    const { exitCode, problems } = await init(folder, ['--yes', '--team', 'checkout']);
    expect(exitCode).toBe(2);
    expect(problems).toContain('OBS_INIT_INSTALL_FAILED');
    expect(contents(folder)).toEqual(before);
  });
});

describe('throughline init --undo', () => {
  const files: Files = { 'package.json': json({ name: 'a', main: 'a.js' }), 'a.js': 'let a;\n' };

  test('refuses where a file was changed, names it, and restores nothing', async () => {
    const folder = serviceOf(files);
    await init(folder, write);
    writeFileSync(join(folder, 'a.js'), `${read(folder, 'a.js')}let b;\n`);
    const after = contents(folder);
    const { exitCode, problems } = await init(folder, ['--undo']);
    expect(exitCode).toBe(2);
    expect(problems).toContain('OBS_INIT_UNDO');
    expect(problems).toContain('nothing was restored: a.js.');
    expect(contents(folder)).toEqual(after);
  });

  test('goes on where the user has undone a part by hand', async () => {
    const folder = serviceOf(files);
    await init(folder, write);
    writeFileSync(join(folder, 'a.js'), files['a.js'] as string);
    expect((await init(folder, ['--undo'])).exitCode).toBe(0);
    expect(contents(folder)).toEqual(contents(serviceOf(files)));
  });

  test('takes back one run after the other', async () => {
    const folder = serviceOf(files);
    await init(folder, write);
    const manifest = JSON.parse(read(folder, 'package.json'));
    writeFileSync(
      join(folder, 'package.json'),
      json({ ...manifest, dependencies: { ...manifest.dependencies, koa: '3' } }),
    );
    const between = contents(folder);
    await init(folder, write);
    expect(read(folder, 'package.json')).toContain('@throughline/koa');
    await init(folder, ['--undo']);
    expect(contents(folder)).toEqual(between);
  });

  test('says so where there is nothing to undo, or the record is damaged', async () => {
    const folder = serviceOf(files);
    expect((await init(folder, ['--undo'])).problems).toContain('There is no record');
    await init(folder, write);
    writeFileSync(join(folder, '.throughline/init/1/record.json'), '{');
    expect(await init(folder, ['--undo'])).toMatchObject({
      exitCode: 2,
      problems: expect.stringContaining('cannot be used'),
    });
  });

  test('works in a copy of the folder', async () => {
    const folder = serviceOf(files);
    await init(folder, write);
    const copy = join(all, 'copy');
    cpSync(folder, copy, { recursive: true });
    await init(copy, ['--undo']);
    expect(contents(copy)).toEqual(contents(serviceOf(files)));
  });
});
