/*
 * The package managers that services are installed with, each with the settings that change what lies where. A command
 * begins with a name of tools.mjs.
 */
/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {string[]} install installs, and writes the lock file
 * @property {string[]} fromLock installs what the lock file says
 * @property {string[]} [list] ends with an error if the installed packages do not meet the requirements
 * @property {string[]} [audit] ends with an error where a known vulnerability is installed
 * @property {string[]} [node] what the service is run with. Default: node
 * @property {Record<string, string>} [files] files next to package.json
 * @property {boolean} [workspace] the service is one package of a workspace
 */

/** @returns {Manager} */
function npm(version, name = '', flags = [], more = {}) {
  const tool = `npm ${version}`;
  return {
    name: `npm ${version}${name && `, ${name}`}`,
    install: [tool, 'install', '--no-audit', '--no-fund', '--prefer-offline', ...flags],
    fromLock: [tool, 'ci', '--no-audit', '--no-fund', '--prefer-offline', ...flags],
    list: [tool, 'ls', '--all', ...flags],
    audit: [tool, 'audit', ...flags],
    ...more,
  };
}

/** @returns {Manager} */
function pnpmWith(name, flags, more = {}) {
  return {
    name: `pnpm 10, ${name}`,
    install: ['pnpm', 'install', '--no-frozen-lockfile', '--prefer-offline', ...flags],
    fromLock: ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline', ...flags],
    ...more,
  };
}

/** @returns {Manager} */
function yarn1(name, more = {}) {
  return {
    name: `yarn 1${name}`,
    install: ['yarn 1', 'install', '--no-progress', '--prefer-offline'],
    fromLock: ['yarn 1', 'install', '--frozen-lockfile', '--no-progress', '--prefer-offline'],
    ...more,
  };
}

/** @returns {Manager} */
function yarn4With(linker, more = {}) {
  return {
    name: `yarn 4, ${linker}`,
    install: ['yarn 4', 'install', '--no-immutable'],
    fromLock: ['yarn 4', 'install', '--immutable'],
    node: linker === 'pnp' ? ['yarn 4', 'node'] : undefined,
    files: {
      '.yarnrc.yml': `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: true\n`,
      'yarn.lock': '',
    },
    ...more,
  };
}

/** @returns {Manager} */
function bun(linker) {
  return {
    name: `bun, ${linker}`,
    install: ['bun', 'install', `--linker=${linker}`, '--no-progress'],
    fromLock: ['bun', 'install', '--frozen-lockfile', `--linker=${linker}`, '--no-progress'],
  };
}

/** @type {readonly Manager[]} */
export const managers = [
  npm(10),
  npm(11),
  npm(11, 'legacy-peer-deps', ['--legacy-peer-deps']),
  npm(11, 'omit=optional', ['--omit=optional']),
  npm(11, 'install-strategy=nested', ['--install-strategy=nested']),
  npm(11, 'install-strategy=linked', ['--install-strategy=linked'], { list: undefined }),
  npm(11, 'workspace', [], { workspace: true }),
  pnpmWith('isolated', ['--config.node-linker=isolated']),
  pnpmWith('hoisted', ['--config.node-linker=hoisted']),
  pnpmWith('workspace', [], {
    workspace: true,
    files: { 'pnpm-workspace.yaml': 'packages:\n  - services/*\n' },
  }),
  yarn1(''),
  yarn1(', workspace', { workspace: true }),
  yarn4With('node-modules'),
  yarn4With('pnp'),
  yarn4With('pnpm'),
  bun('hoisted'),
  bun('isolated'),
];

/** What a service may have before Throughline comes. */
export const services = [
  { name: 'nothing', dependencies: {} },
  {
    name: 'prom-client 12, API 1.9',
    dependencies: { 'prom-client': '12.0.0', '@opentelemetry/api': '1.9.1' },
  },
  {
    name: 'prom-client 13, API 1.10',
    dependencies: { 'prom-client': '13.2.0', '@opentelemetry/api': '1.10.0' },
  },
  {
    name: 'prom-client 14, API 1.10',
    dependencies: { 'prom-client': '14.2.0', '@opentelemetry/api': '1.10.0' },
  },
  {
    name: 'prom-client 15, API 1.9',
    dependencies: { 'prom-client': '15.1.3', '@opentelemetry/api': '1.9.1' },
  },
  {
    name: 'prom-client 15, API 1.10',
    dependencies: { 'prom-client': '15.1.3', '@opentelemetry/api': '1.10.0' },
  },
];
