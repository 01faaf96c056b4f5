/*
 * Programs that NODE_OPTIONS reaches although they are not services: they start the service, build it or test it. If a
 * program is missing here, little harm is done: a program in node_modules is observed only once it serves
 * (process-role.ts).
 * What must be listed are programs that listen on a port, or run code of the service, without being the service.
 */

/** They start other programs. Also known by their files, since they are often not in node_modules. */
const packageManagers = ['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'bun', 'bunx'];

const starters = [
  '@dotenvx/dotenvx',
  '@nestjs/cli',
  'concurrently',
  'cross-env',
  'cross-env-shell',
  'dotenv-cli',
  'env-cmd',
  'forever',
  'forever-monitor',
  'lerna',
  'nodemon',
  'npm-run-all',
  'npm-run-all2',
  'npm-watch',
  'nx',
  'onchange',
  'pm2',
  'pm2-dev',
  'rush',
  'start-server-and-test',
  'supervisor',
  'tsc-watch',
  'tsup',
  'tsx',
  'turbo',
  'wait-on',
  'wireit',
  '@microsoft/rush',
];

const testRunners = [
  '@playwright/test',
  'ava',
  'c8',
  'cypress',
  'jasmine',
  'jest',
  'jest-cli',
  'jest-worker',
  'karma',
  'mocha',
  'nightwatch',
  'nyc',
  'playwright',
  'tap',
  'tape',
  'uvu',
  'vitest',
  'webdriverio',
];

const buildTools = [
  '@angular/cli',
  '@babel/cli',
  '@biomejs/biome',
  '@rspack/cli',
  '@storybook/cli',
  '@swc/cli',
  'browser-sync',
  'drizzle-kit',
  'esbuild',
  'eslint',
  'firebase-tools',
  'grunt',
  'grunt-cli',
  'gulp',
  'gulp-cli',
  'husky',
  'knip',
  'lint-staged',
  'parcel',
  'prettier',
  'prisma',
  'rollup',
  'semantic-release',
  'sequelize-cli',
  'storybook',
  'stylelint',
  'ts-jest',
  'typedoc',
  'typeorm',
  'typescript',
  'vite',
  'webpack',
  'webpack-cli',
  'webpack-dev-server',
  'wrangler',
  'xo',
];

/** Scopes all of whose packages are tools. */
const toolScopes = ['@jest/', '@npmcli/', '@nx/', '@pnpm/', '@vitest/', '@wdio/', '@yarnpkg/'];

const launcherNames: ReadonlySet<string> = new Set([
  ...packageManagers,
  ...starters,
  ...testRunners,
  ...buildTools,
]);

/** Whether a package is a tool that starts, builds or tests a service. */
export function isLauncher(packageName: string): boolean {
  return launcherNames.has(packageName) || toolScopes.some((scope) => packageName.startsWith(scope));
}

/** The threads of these packages run no code of the service either: those of pino's transports. */
const threadTools: readonly string[] = ['thread-stream'];

/** Whether the worker threads of a package are left alone. */
export function isToolOfThreads(packageName: string): boolean {
  return threadTools.includes(packageName) || isLauncher(packageName);
}

/** `npm-cli.js`, `pnpm.cjs`, `yarn.js`, `yarn-4.9.1.cjs` (below .yarn/releases), and programs of these names. */
const managerFile = new RegExp(
  `^(${packageManagers.join('|')})(-cli|-v?\\d[\\w.+-]*)?(\\.(c|m)?js|\\.exe)?$`,
);

/** The package manager that a file belongs to, in any folder. */
export function packageManagerOf(fileName: string): string | undefined {
  return managerFile.exec(fileName)?.[1];
}

/**
 * Programs of packages that run code of the service in their own process without listening for anybody: they are
 * observed from the start. By package, with the file where only one of several does so.
 */
const runners: Readonly<Record<string, RegExp>> = {
  'aws-lambda-ric': /./,
  'graphile-worker': /./,
  moleculer: /moleculer-runner/,
  n8n: /./,
  // The processes that pm2 keeps alive; its daemon and its command are others.
  pm2: /\/ProcessContainer(Fork)?(Bun)?\.js$/,
  'ts-node': /./,
  'vite-node': /./,
};

/** @param script its path with `/` between folders */
export function isRunner(packageName: string, script: string): boolean {
  return runners[packageName]?.test(script) === true;
}
