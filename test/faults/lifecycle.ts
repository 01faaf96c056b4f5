import { type EndingFault, endingFault, served } from './endings.js';
import type { FaultGroup } from './fault.js';

const [major = 0] = process.versions.node.split('.').map(Number);
/** A service that ends as soon as it has answered. */
const end = "server.close(() => say('closed'))";

const lifecycle: readonly EndingFault[] = [
  {
    name: 'fake timers from the start on',
    first: "const { mock } = require('node:test'); mock.timers.enable();",
    body: served(end),
    isQuick: true,
  },
  {
    name: 'fake timers that are put in after the start, and never tick',
    body: served(`require('node:test').mock.timers.enable(); ${end}`),
  },
  {
    name: 'a Date that stands still',
    first: 'const now = Date.now(); Date.now = () => now;',
    body: served(end),
  },
  {
    name: 'a clock that goes back by an hour with every look',
    first: 'let now = Date.now(); Date.now = () => (now -= 3_600_000);',
    body: served(end),
    isQuick: true,
  },
  { name: 'a clock in the year 1970', first: 'Date.now = () => 5;', body: served(end) },
  {
    name: 'a loop that is blocked for a second',
    body: served(`const until = Date.now() + 1_000; while (Date.now() < until); ${end}`),
    isQuick: true,
  },
  {
    name: 'a heap of 64 MB and 20,000 requests worth of spans',
    body: served(
      `const { withSpan } = globalThis.observed ?? { withSpan: (name, fn) => fn() }; for (let i = 0; i < 20_000; i++) withSpan('work', () => {}, { attributes: { text: 'x'.repeat(5_000) } }); ${end}`,
    ).replace(
      /^/,
      "try { globalThis.observed = process.execArgv.includes('--import') || process.execArgv.some((flag) => flag.startsWith('--import')) ? require('@throughline/core') : undefined; } catch {}",
    ),
    flags: ['--max-old-space-size=64'],
    // They are more than the queue holds, and those of the request are dropped or not.
    arrives: false,
    isQuick: true,
  },
  ...(major >= 22
    ? [
        {
          name: '--permission, with reading allowed',
          body: served(end),
          flags: ['--permission', '--allow-fs-read=*', '--no-warnings'],
        },
      ]
    : [
        {
          name: '--experimental-permission, with reading allowed',
          body: served(end),
          flags: ['--experimental-permission', '--allow-fs-read=*', '--no-warnings'],
        },
      ]),
  {
    name: '--frozen-intrinsics',
    body: served(end),
    flags: ['--frozen-intrinsics', '--no-warnings'],
    isQuick: true,
  },
  {
    name: '--disallow-code-generation-from-strings',
    body: served(end),
    flags: ['--disallow-code-generation-from-strings'],
  },
  { name: '--disable-proto=throw', body: served(end), flags: ['--disable-proto=throw'] },
  { name: '--disable-proto=delete', body: served(end), flags: ['--disable-proto=delete'] },
  { name: '--no-experimental-fetch', body: served(end), flags: ['--no-experimental-fetch', '--no-warnings'] },
  { name: '--enable-source-maps', body: served(end), flags: ['--enable-source-maps'] },
  { name: '--preserve-symlinks', body: served(end), flags: ['--preserve-symlinks'] },
  { name: '--unhandled-rejections=strict', body: served(end), flags: ['--unhandled-rejections=strict'] },
  { name: '--throw-deprecation', body: served(end), flags: ['--throw-deprecation'] },
  { name: '--stack-size=300', body: served(end), flags: ['--stack-size=300'] },
  { name: '--no-addons', body: served(end), flags: ['--no-addons'] },
  {
    name: 'an Object.prototype with enumerable properties',
    first: "Object.prototype.polluted = 'yes'; Object.prototype.enabled = false;",
    body: served(end),
    isQuick: true,
  },
  {
    name: 'an Array.prototype with an enumerable method',
    first: 'Array.prototype.last = function () { return this[this.length - 1]; };',
    body: served(end),
  },
  {
    name: 'a frozen process.env',
    first: 'process.env = Object.freeze({ ...process.env });',
    body: served(end),
  },
  {
    name: 'a fetch that the service has replaced by one that throws',
    first: "globalThis.fetch = () => { throw new Error('no fetch'); };",
    body: served(end),
  },
  {
    name: 'console.log that throws',
    first: "console.log = console.error = console.warn = () => { throw new Error('no console'); };",
    body: served(end),
  },
  {
    name: 'JSON.stringify that throws',
    body: served(`JSON.stringify = () => { throw new Error('no JSON'); }; ${end}`),
  },
  {
    name: 'Error.prepareStackTrace that throws',
    first: "Error.prepareStackTrace = () => { throw new Error('no stack'); };",
    body: served(end),
  },
  { name: 'Error.stackTraceLimit of 0', first: 'Error.stackTraceLimit = 0;', body: served(end) },
  {
    name: 'Math.random that always gives 0',
    first: 'Math.random = () => 0;',
    body: served(end),
  },
  {
    name: 'stdout that the reader has closed',
    body: `process.stdout.on('error', () => {});${served(`process.stdout.destroy(); ${end}`)}`,
  },
  {
    name: 'stdout whose reader has gone, and lines for it',
    body: `setTimeout(() => { ${served('server.close()')} }, 100);`,
    config: '{ logs: { access: true, startLine: true } }',
    atStart: (child) => child.stdout?.destroy(),
  },
  {
    name: 'stdout and stderr whose readers have gone',
    body: `setTimeout(() => { ${served('server.close()')} }, 100);`,
    config: '{ logs: { access: true } }',
    atStart(child) {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  },
  {
    name: 'a log file on a full disk',
    body: served(end),
    config: "{ logs: { access: true, destinations: [{ file: '/dev/full' }] } }",
  },
  {
    name: 'a log file that cannot be made (a read-only disk)',
    body: served(end),
    config: "{ logs: { access: true, destinations: [{ file: '/proc/throughline/orders.log' }] } }",
    isQuick: true,
  },
  {
    name: 'a log file that is a folder',
    body: served(end),
    config: '{ logs: { access: true, destinations: [{ file: __dirname }] } }',
  },
  {
    name: 'a configuration file that throws',
    body: served(end),
    config: "(() => { throw new Error('no configuration'); })()",
  },
  {
    name: 'a configuration file that is no object',
    body: served(end),
    config: '42',
  },
  {
    name: 'a configuration file with an option that does not exist',
    body: served(end),
    config: '{ tarces: {} }',
  },
  {
    name: 'stderr that is destroyed',
    body: served(`process.stderr.destroy(); ${end}`),
  },
  {
    name: 'stdin that is closed',
    body: served(`process.stdin.destroy(); ${end}`),
  },
  {
    name: 'the port of the metrics is in use',
    first: "require('node:net').createServer().listen(0, '127.0.0.1').unref();",
    body: served(end),
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: '1' },
  },
  ...[
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'not a URL'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no equals sign'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_PROPAGATORS', 'pigeon'],
    ['OTEL_RESOURCE_ATTRIBUTES', '===,,,'],
    ['OTEL_EXPORTER_PROMETHEUS_PORT', '99999999'],
    ['LOG_LEVEL', 'loud'],
    ['THROUGHLINE_TRACES_ROUTE_RATIOS', 'orders'],
    ['THROUGHLINE_HTTP_TRUST_INCOMING_TRACE', 'maybe'],
  ].map(
    ([name = '', value = '']): EndingFault => ({
      name: `environment: ${name}=${value}`,
      body: served(end),
      env: { [name]: value },
      arrives: name !== 'OTEL_EXPORTER_OTLP_ENDPOINT',
    }),
  ),
];

export const lifecycleFaults: FaultGroup = {
  title: 'Processes in an unusual state',
  promise:
    'The service starts, serves, prints and ends as it would without Throughline, and its spans arrive.',
  faults: lifecycle.map(endingFault),
};
