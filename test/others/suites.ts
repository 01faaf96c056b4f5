/** A published package that carries its own tests. */
export interface Suite {
  readonly name: string;
  readonly version: string;
  /** Files of tests, below the folder of the package. */
  readonly files: RegExp;
  /** Files that the package's own command leaves out, or that need what is not in the package. */
  readonly without?: RegExp;
  /** How one file is run. */
  readonly runner: 'node:test' | 'mocha' | 'tap';
  /** The plugin that records the package: its folder in `packages/`. */
  readonly plugin?: string;
  /** The server that the tests need: some read its address from a variable, others take its usual port. */
  readonly server?: { readonly kind: 'rabbitmq'; readonly variable: string; readonly port: number };
  /** Tools of its authors that the tests do not need, and that cannot be fetched in the version that it names. */
  readonly leaveOut?: readonly string[];
  /** Tests that end otherwise, and why that is left as it is. They are shown, and fail nothing. */
  readonly known?: Readonly<Record<string, string>>;
}

/*
 * What services are made of, with HTTP in and out, streams and loggers. Most packages leave their tests out of what they
 * publish: Express, Koa, ioredis and pg are compared by programs instead.
 */
export const suites: readonly Suite[] = [
  {
    name: 'fastify',
    version: '5.12.8',
    files: /^test\/[^/]+\.test\.js$/,
    runner: 'node:test',
    plugin: 'fastify',
  },
  {
    name: 'find-my-way',
    version: '9.10.2',
    files: /^test\/[^/]+\.test\.js$/,
    runner: 'node:test',
    plugin: 'fastify',
    leaveOut: ['neostandard', 'eslint'],
  },
  { name: '@fastify/reply-from', version: '12.6.5', files: /^test\/[^/]+\.js$/, runner: 'node:test' },
  { name: '@fastify/http-proxy', version: '11.6.3', files: /^test\/[^/]+\.js$/, runner: 'node:test' },
  {
    name: 'light-my-request',
    version: '6.8.1',
    files: /^test\/.+\.test\.js$/,
    runner: 'node:test',
  },
  {
    name: 'pino',
    version: '10.4.0',
    files: /^test\/[^/]+\.test\.js$/,
    runner: 'node:test',
    known: {
      'test/syncfalse.test.js > asynchronous logging':
        'the program holds no reference to its logger, and a garbage collection before the end takes the lines that wait in it; without Throughline it is lost in the same way as soon as there is a collection',
    },
  },
  { name: 'pino-http', version: '11.0.0', files: /^test\/[^/]+\.js$/, runner: 'node:test' },
  { name: 'pino-pretty', version: '13.2.0', files: /^(test|lib)\/.+\.test\.js$/, runner: 'node:test' },
  { name: 'sonic-boom', version: '5.0.2', files: /^test\/.+\.test\.js$/, runner: 'node:test' },
  { name: 'thread-stream', version: '4.2.1', files: /^test\/[^/]+\.test\.js$/, runner: 'node:test' },
  { name: 'avvio', version: '9.3.1', files: /^test\/.+\.test\.js$/, runner: 'node:test' },
  {
    name: 'amqplib',
    // Later versions leave out their tests.
    version: '2.2.0',
    files: /^test\/[^/]+\.test\.js$/,
    runner: 'node:test',
    plugin: 'rabbitmq',
    server: { kind: 'rabbitmq', variable: 'URL', port: 5672 },
  },
  { name: 'needle', version: '3.5.0', files: /^test\/.+_spec\.js$/, runner: 'mocha' },
];
