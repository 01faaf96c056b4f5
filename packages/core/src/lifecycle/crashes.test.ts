import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { casesToRun } from '@throughline/testbed/cases';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';
import { otlpBody } from '../../test/otlp-body.js';

/*
 * Real processes that come to grief, with and without Throughline: what Node prints and its exit code must be the
 * same, and the line must have the trace.
 */
let core: BuiltCore;
let folder: string;
let intake: Server;
let received: { path: string; body: string }[];

beforeAll(async () => {
  core = await buildCore('crashes-test');
  ({ folder } = core);
  intake = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', body: await otlpBody(request) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  intake.close();
  core.remove();
});
beforeEach(() => {
  received = [];
});

const nodes = [process.execPath, ...(process.env.THROUGHLINE_TEST_NODES ?? '').split(',').filter(Boolean)];

interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly lines: Record<string, unknown>[];
  readonly said: string[];
}

function run(node: string, script: string, flags: readonly string[], endpoint: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const environment = {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      NODE_OPTIONS: '',
      // stderr is compared with what Node prints by itself.
      THROUGHLINE_SDK_LINES: 'stdout',
      NODE_ENV: '',
    };
    const child = execFile(node, [...flags, script], { env: environment }, (_error, stdout, stderr) => {
      const out = stdout.split('\n').filter(Boolean);
      resolve({
        code: child.exitCode,
        signal: child.signalCode,
        stderr: stderr.replaceAll(String(child.pid), 'PID'),
        lines: out.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)),
        said: out.filter((line) => !line.startsWith('{')),
      });
    });
  });
}

const prologue = `
let withSpan = (name, fn) => fn({ spanContext: () => ({}) });
let inSpan = withSpan;
const on = process.argv[1].endsWith('-on.cjs');
if (on) {
  const core = require('@throughline/core');
  core.initObservability({ serviceName: 'orders', metrics: { endpoint: false }, logs: { format: 'json', destinations: ['stdout', 'otlp'] } });
  ({ withSpan } = core);
  // withSpan records the error and throws it again, which moves the line of code that Node shows above the stack.
  const { trace } = require('@opentelemetry/api');
  inSpan = (name, fn) => trace.getTracer('service').startActiveSpan(name, (span) => {
    setImmediate(() => span.end());
    return fn(span);
  });
}
const trace = (span) => console.log('TRACE ' + span.spanContext().traceId);
`;

/** Both scripts are the same text, so that the lines in what Node prints are too. */
async function runBoth(node: string, body: string, flags: readonly string[] = [], endpoint?: string) {
  for (const name of ['service-off.cjs', 'service-on.cjs'])
    writeFileSync(`${folder}/${name}`, prologue + body);
  const { port } = intake.address() as { port: number };
  const where = endpoint ?? `http://127.0.0.1:${port}`;
  const [off, on] = await Promise.all(
    ['off', 'on'].map((name) => run(node, `${folder}/service-${name}.cjs`, flags, where)),
  );
  if (!off || !on) throw new Error('not run');
  const trace = on.said.find((line) => line.startsWith('TRACE '))?.slice(6);
  const crashes = on.lines.filter((line) =>
    /^(Uncaught exception|Unhandled rejection)$/.test(String(line.message)),
  );
  return { off, on, trace, crashes };
}

const bodyLine = prologue.split('\n').length;

/** What Node prints, of the stack only the frames of the service: Throughline adds its own below. */
const printed = ({ stderr }: Outcome) =>
  stderr
    .replaceAll('service-on', 'service-off')
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || line.includes(`service-off.cjs:${bodyLine}:`))
    .join('\n');

/** The same without the line of code above the stack. */
const printedStack = (outcome: Outcome) => printed(outcome).replace(/^[^\n]*:\d+\n[\s\S]*?\n\s*\^\n/, '');

const throwing = {
  'in a span, synchronously': `inSpan('work', (span) => { trace(span); throw new TypeError('boom'); });`,
  'in a timer of a span': `inSpan('work', (span) => { trace(span); setTimeout(() => { throw new TypeError('boom'); }, 5); });`,
  'in a request handler': `
    const http = require('node:http');
    const server = http.createServer((request, response) => {
      inSpan('inner', trace);
      throw new TypeError('boom');
    }).listen(0, '127.0.0.1', () => http.get({ port: server.address().port, host: '127.0.0.1' }).on('error', () => {}));`,
  'no error object': `inSpan('work', (span) => { trace(span); throw 'boom'; });`,
};
const rejecting = {
  'in withSpan': `withSpan('work', async (span) => { trace(span); await null; throw new TypeError('boom'); });`,
  'in a span': `inSpan('work', async (span) => { trace(span); await null; throw new TypeError('boom'); });`,
  'of a promise in a span': `inSpan('work', (span) => { trace(span); Promise.reject(new TypeError('boom')); });`,
};

describe.each(nodes)('%s', (node) => {
  test.each(Object.entries(throwing))('uncaught exception: %s', async (_name, body) => {
    const { off, on, trace, crashes } = await runBoth(node, body);
    expect(printed(on)).toBe(printed(off));
    expect([on.code, on.signal]).toEqual([off.code, off.signal]);
    expect(off.code).toBe(1);
    expect(crashes).toHaveLength(1);
    expect(crashes[0]).toMatchObject({ message: 'Uncaught exception', level: 'error', trace_id: trace });
    expect(JSON.stringify(crashes[0])).toContain('boom');
    // Flushed, although the process has ended without a turn of the event loop.
    const sent = (path: string) =>
      received
        .filter((one) => one.path === path)
        .map((one) => one.body)
        .join('\n');
    expect(sent('/v1/logs')).toContain('Uncaught exception');
    expect(sent('/v1/logs')).toContain(trace);
    expect(sent('/v1/traces')).toContain(trace);
  });

  test('an error that withSpan passed on keeps its trace and its stack', async () => {
    const { off, on, trace, crashes } = await runBoth(
      node,
      `withSpan('work', (span) => { trace(span); throw new TypeError('boom'); });`,
    );
    expect(printedStack(on)).toBe(printedStack(off));
    expect(printedStack(on)).toContain('TypeError: boom');
    expect(on.code).toBe(off.code);
    expect(crashes).toMatchObject([{ trace_id: trace }]);
  });

  const rejections = Object.entries(rejecting).flatMap(([name, body]) =>
    ['', 'throw', 'strict', 'warn', 'none', 'warn-with-error-code'].map(
      (mode) => [name, mode, body] as const,
    ),
  );
  // Every mode once, and every rejection in the mode that Node has by itself.
  const rejectionsToRun = casesToRun(rejections, ([name, mode]) => name === 'in a span' || mode === '');
  test.each(rejectionsToRun)('unhandled rejection %s, mode %j', async (name, mode, body) => {
    const flags = mode === '' ? [] : [`--unhandled-rejections=${mode}`];
    const { off, on, trace, crashes } = await runBoth(node, body, flags);
    // withSpan has asked the error for its stack, from which Node takes the line of code.
    const shown = name === 'in withSpan' ? printedStack : printed;
    expect(shown(on)).toBe(shown(off));
    expect([on.code, on.signal]).toEqual([off.code, off.signal]);
    expect(crashes).toHaveLength(1);
    expect(crashes[0]).toMatchObject({ level: 'error', trace_id: trace, 'error.message': 'boom' });
    const sent = received.filter((one) => one.path === '/v1/logs').map((one) => one.body);
    expect(sent.join()).toContain('boom');
  });

  test.each([
    [
      'uncaughtException',
      `process.on('uncaughtException', (error) => console.log('HANDLED ' + error.message));${throwing['in a span, synchronously']}`,
    ],
    [
      'unhandledRejection',
      `process.on('unhandledRejection', (error) => console.log('HANDLED ' + error.message));${rejecting['in a span']}`,
    ],
    [
      'capture callback',
      `process.setUncaughtExceptionCaptureCallback((error) => console.log('HANDLED ' + error.message));${throwing['in a span, synchronously']}`,
    ],
    [
      'exit in a handler',
      `process.on('uncaughtException', () => { console.log('HANDLED boom'); process.exit(7); });${throwing['in a span, synchronously']}`,
    ],
  ])("a service's own handler stays in charge: %s", async (_name, body) => {
    const { off, on, crashes } = await runBoth(node, body);
    expect(on.said).toContain('HANDLED boom');
    expect(on.code).toBe(off.code);
    expect(printed(on)).toBe(printed(off));
    expect(crashes).toHaveLength(1);
  });

  test('a backend that is down or hangs does not hold up the end for long', async () => {
    const { on, off, crashes } = await runBoth(
      node,
      throwing['in a span, synchronously'],
      [],
      'http://127.0.0.1:9',
    );
    expect(on.code).toBe(off.code);
    expect(crashes).toHaveLength(1);
    const hanging = createServer(() => {});
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const { port } = hanging.address() as { port: number };
    const { on: held } = await runBoth(
      node,
      throwing['in a span, synchronously'],
      [],
      `http://127.0.0.1:${port}`,
    );
    hanging.closeAllConnections();
    hanging.close();
    expect(held.code).toBe(1);
  });

  test('lines for a file are in it', async () => {
    const path = `${folder}/orders.log`;
    rmSync(path, { force: true });
    const { on } = await runBoth(
      node,
      throwing['in a span, synchronously'].replace(
        /^/,
        `if (on) require('@throughline/core').getObservability();`,
      ),
    );
    expect(on.code).toBe(1);
    writeFileSync(
      `${folder}/file.cjs`,
      `const core = require('@throughline/core');
       core.initObservability({ metrics: { endpoint: false }, traces: { exporter: 'none' }, logs: { destinations: [{ file: ${JSON.stringify(path)} }] } });
       core.logger.info('one');
       throw new Error('boom');`,
    );
    await run(node, `${folder}/file.cjs`, [], 'http://127.0.0.1:9');
    const messages = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message);
    expect(messages).toEqual(['one', 'Uncaught exception']);
  });
});
