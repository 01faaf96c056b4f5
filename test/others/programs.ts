import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A program that prints what a library does, line by line. With Throughline it must print the same. */
export interface OtherProgram {
  readonly name: string;
  readonly path: string;
}

const folder = fileURLToPath(new URL('programs/', import.meta.url));

export const programs: readonly OtherProgram[] = readdirSync(folder).map((file) => ({
  name: file.replace(/\.cjs$/, ''),
  path: join(folder, file),
}));

/** The package of this workspace that has the library among its dependencies. */
const owners: Readonly<Record<string, string>> = {
  express: 'express',
  pg: 'db',
  ioredis: 'db',
  mysql2: 'db',
  kafkajs: 'kafka',
};

/** What only spans of the library have: it is observed, or the comparison says nothing. */
const marks: Readonly<Record<string, string>> = {
  http: 'http.request.method',
  http2: 'http.request.method',
  'hostile-http': 'http.request.method',
  frameworks: 'http.route',
  express: 'http.route',
  pg: 'postgresql',
  ioredis: 'redis',
  mysql2: 'mysql',
  kafkajs: 'kafka',
};

/** Runs a program bare and with Throughline preloaded; returns how what they print differs. */
export async function runProgram(
  { name, path }: OtherProgram,
  core: string,
  endpoint: string,
  env: Readonly<Record<string, string>>,
  /** Gives all that the intake has received, and forgets it. */
  received: () => string,
): Promise<string | undefined> {
  const preload = pathToFileURL(join(core, 'node_modules/@throughline/core/register.js')).href;
  // Beside the package.json that names the plugins. Calls of databases have spans only within another, and lines of
  // loggers have a trace only there.
  copyFileSync(path, join(core, `program-${name}.cjs`));
  const program = join(core, `start-${name}.cjs`);
  const inSpan = `require('@opentelemetry/api').trace.getTracer('program').startActiveSpan('program', () => require('./program-${name}.cjs'));`;
  writeFileSync(program, name in owners ? inSpan : `require('./program-${name}.cjs');`);
  const run = async (isObserved: boolean) => {
    const child = spawn(process.execPath, [...(isObserved ? ['--import', preload] : []), program], {
      cwd: core,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: '',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        THROUGHLINE_SDK_LINES: 'stderr',
        THROUGHLINE_START_LINE: 'false',
        HOSTILE_HANDLERS: fileURLToPath(new URL('hostile-handlers.cjs', import.meta.url)),
        // Libraries are resolved from there.
        LIBRARY_OWNER: fileURLToPath(
          new URL(`../../packages/${owners[name] ?? 'core'}/package.json`, import.meta.url),
        ),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    // Stacks have frames of Throughline at their lower end.
    const shown = stdout
      .replace(/\\n {4}at [^"]*/g, '')
      // Errors that nobody catches are logged, whether the service survives them or not.
      .replace(/^\{"timestamp".*"message":"(?:Uncaught exception|Unhandled rejection)".*\n/gm, '');
    const errors = stderr
      .replace(/^(\s+at .*|\{"timestamp".*)\n?/gm, '')
      .replaceAll(String(child.pid), 'PID');
    return `${shown}${errors}\nended with ${code ?? signal}`;
  };
  const [bare, observed] = await Promise.all([run(false), run(true)]);
  const mark = marks[name];
  if (mark !== undefined && !received().includes(mark)) return `no span of ${name} has arrived`;
  return bare === observed ? undefined : `without:\n${bare}\nwith Throughline:\n${observed}`;
}
