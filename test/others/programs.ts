import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
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
};

/** Runs a program bare and with Throughline preloaded; returns how what they print differs. */
export async function runProgram(
  { name, path }: OtherProgram,
  core: string,
  endpoint: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const preload = pathToFileURL(join(core, 'node_modules/@throughline/core/register.js')).href;
  const run = async (isObserved: boolean) => {
    const child = spawn(process.execPath, [...(isObserved ? ['--import', preload] : []), path], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: '',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        THROUGHLINE_SDK_LINES: 'stderr',
        THROUGHLINE_START_LINE: 'false',
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
    const shown = stdout.replace(/\\n {4}at [^"]*/g, '');
    const errors = stderr
      .replace(/^(\s+at .*|\{"timestamp".*)\n?/gm, '')
      .replaceAll(String(child.pid), 'PID');
    return `${shown}${errors}\nended with ${code ?? signal}`;
  };
  const [bare, observed] = await Promise.all([run(false), run(true)]);
  return bare === observed ? undefined : `without:\n${bare}\nwith Throughline:\n${observed}`;
}
