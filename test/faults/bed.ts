import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { onLoopback } from '@throughline/testbed/otlp-intake';
import { traceRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import { buildCore } from '../../packages/core/test/built-core.js';

/** How a program ended, and what it printed itself. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** Lines of standard output that are not log lines of Throughline. */
  readonly said: readonly string[];
  /** Log lines of Throughline. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export interface Program {
  /** CommonJS, or an ES module where `isModule` is set. */
  readonly body: string;
  readonly isModule?: boolean;
  /** CommonJS that runs before everything else, Throughline included. */
  readonly first?: string;
  /** An object of options, as JavaScript, for `throughline.config.cjs`. */
  readonly config?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that the program prints. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  /** Called as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** What faults are created with: the built package, programs with and without it, and a backend. */
export interface Bed {
  /** A folder with `@throughline/core` in its node_modules. */
  readonly folder: string;
  /** Where telemetry is sent. */
  readonly endpoint: string;
  /** Names of the spans that a service has sent. */
  spansOf(service: string): readonly string[];
  /** Runs a program, with Throughline preloaded or without. */
  run(program: Program, how: { readonly isObserved: boolean; readonly service?: string }): Promise<Ending>;
  /** A new name for a service. */
  newService(): string;
  stop(): Promise<void>;
}

/** A program that does not end by itself. */
const maxRunMillis = 30_000;

export async function createBed(name: string): Promise<Bed> {
  const core = await buildCore(name);
  const spans = new Map<string, string[]>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    if (request.url === '/v1/traces' && body.length > 0) keep(spans, body, request.headers['content-type']);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const intake = await onLoopback(server);
  let files = 0;
  let services = 0;

  return {
    folder: core.folder,
    endpoint: intake.url,
    spansOf: (service) => spans.get(service) ?? [],
    newService: () => `service-${services++}`,
    async run(program, { isObserved, service }) {
      const { body, isModule = false, first, config, flags = [], env = {}, onLine, onStart } = program;
      const file = join(core.folder, `program-${files++}.${isModule ? 'mjs' : 'cjs'}`);
      writeFileSync(file, body);
      const before = first === undefined ? [] : ['--require', `${file}.first.cjs`];
      if (first !== undefined) writeFileSync(`${file}.first.cjs`, first);
      const cwd = config === undefined ? core.folder : `${file}.folder`;
      if (config !== undefined) {
        mkdirSync(cwd);
        writeFileSync(join(cwd, 'throughline.config.cjs'), `module.exports = ${config};`);
      }
      const preload = isObserved ? ['--import', '@throughline/core/register'] : [];
      const child = spawn(process.execPath, [...flags, ...before, ...preload, file], {
        cwd,
        env: {
          ...withoutTestEnvironment(),
          OTEL_SERVICE_NAME: service ?? 'unnamed',
          OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
          OTEL_EXPORTER_PROMETHEUS_PORT: '0',
          OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
          // Nothing leaves by itself before the end.
          OTEL_BSP_SCHEDULE_DELAY: '60000',
          THROUGHLINE_SDK_LINES: 'stdout',
          THROUGHLINE_START_LINE: 'false',
          ...env,
        },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const deadline = setTimeout(() => child.kill('SIGKILL'), maxRunMillis);
      onStart?.(child);
      const out: string[] = [];
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          out.push(line);
          onLine?.(line, child);
        }
      });
      child.stdout.on('error', () => {});
      const stderr = text(child.stderr).catch(() => '');
      const [code, signal] = await once(child, 'close');
      clearTimeout(deadline);
      if (rest !== '') out.push(rest);
      const isLine = (line: string) => line.startsWith('{"timestamp"');
      return {
        code,
        signal,
        stderr: (await stderr).replaceAll(file, 'PROGRAM').replaceAll(String(child.pid), 'PID'),
        said: out.filter((line) => line !== '' && !isLine(line)),
        lines: out.filter(isLine).map((line) => JSON.parse(line) as Record<string, unknown>),
      };
    },
    async stop() {
      await intake.stop();
      core.remove();
    },
  };
}

function keep(spans: Map<string, string[]>, body: Buffer, contentType: string | undefined): void {
  const request = contentType === 'application/json' ? JSON.parse(body.toString()) : traceRequestAsJson(body);
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name')?.value
      .stringValue;
    const names = scopeSpans.flatMap((scope: { spans: { name: string }[] }) =>
      scope.spans.map(({ name }) => name),
    );
    spans.set(service, [...(spans.get(service) ?? []), ...names]);
  }
}

/** The programs are a service's, not a test's. */
function withoutTestEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm|pnpm|vitest|otel|throughline)_|^(NODE_ENV|NODE_OPTIONS|VITEST|TEST)$/i.test(name),
    ),
  );
}

/** How two endings differ; nothing if a user sees no difference. */
export function difference(bare: Ending, observed: Ending): string | undefined {
  for (const member of ['code', 'signal'] as const) {
    if (bare[member] !== observed[member])
      return `${member}: ${bare[member]} without, ${observed[member]} with Throughline; stderr: ${observed.stderr.slice(0, 600)}`;
  }
  const [without, withIt] = [bare.said.join('\n'), observed.said.join('\n')];
  if (without !== withIt) return `it printed without:\n${without}\nwith Throughline:\n${withIt}`;
  const [stderrWithout, stderrWith] = [printed(bare), printed(observed)];
  if (stderrWithout !== stderrWith)
    return `stderr without:\n${stderrWithout}\nwith Throughline:\n${stderrWith}`;
  return undefined;
}

/** What Node prints, without the frames of the stack: Throughline adds its own to the lower end. */
function printed({ stderr }: Ending): string {
  return (
    stderr
      .split('\n')
      .filter((line) => !/^\s+at |^ *\d+: /.test(line))
      .join('\n')
      // Where Node itself throws, it shows another line of its own code if the loader of modules is watched.
      .replace(/^node:internal[^\n]*\n[^\n]*\n\s*\^+\n/, '')
  );
}
