import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import winston from 'winston';
import { otlpBody } from '../../test/otlp-body.js';
import { correlate, withSpan } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

const require = createRequire(import.meta.url);
type Line = Record<string, unknown>;
const identity = { serviceName: 'orders', team: 'checkout' };

let captured: CapturedObservability;
let lines: string[];
const start = (options: CaptureOptions = {}) => {
  captured = captureObservability({ ...identity, ...options });
};
beforeEach(() => {
  lines = [];
});
afterEach(() => captured.stop());

const sink = () =>
  new Writable({
    write(chunk, _encoding, next) {
      lines.push(String(chunk));
      next();
    },
  });
const last = (): Line => JSON.parse(lines.at(-1) ?? '{}') as Line;
/** Logs inside a span, and gives the trace fields that the line must have. */
const inSpan = (log: () => void) =>
  withSpan('work', (span) => {
    log();
    const { traceId, spanId } = span.spanContext();
    return { trace_id: traceId, span_id: spanId, trace_flags: '01' };
  });

interface Logger {
  info(...args: unknown[]): unknown;
  error(...args: unknown[]): unknown;
  child(fields: object): Logger;
}
const makers: Record<string, () => Logger> = {
  'winston 3': () =>
    winston.createLogger({ transports: [new winston.transports.Stream({ stream: sink() })] }),
  'pino 10': () => require('pino')(sink()),
  'pino 9': () => require('pino9')(sink()),
  'pino 8': () => require('pino8')(sink()),
  'bunyan 2': () => require('bunyan').createLogger({ name: 'x', stream: sink() }),
  'bunyan 1': () => require('bunyan1').createLogger({ name: 'x', stream: sink() }),
};

describe.each(Object.entries(makers))('%s', (_name, make) => {
  test.each(['before', 'after'])('made %s init', (when) => {
    let logger: Logger | undefined;
    if (when === 'before') logger = make();
    start();
    logger ??= make();
    expect(inSpan(() => logger.info('hello'))).toEqual(expect.objectContaining(traceOf(last())));
    expect(inSpan(() => logger.child({ a: 1 }).info({ b: 2 }, 'hello'))).toEqual(traceOf(last()));
    expect(last()).toMatchObject({ a: 1 });
    logger.info('outside');
    expect(traceOf(last())).toEqual({});
  });

  test('the line is unchanged otherwise', async () => {
    const log = (logger: Logger) => logger.child({ order: 7, nested: { a: [1] } }).info('hello');
    const without = (line: Line) => {
      const { trace_id, span_id, trace_flags, time, pid, hostname, ...rest } = line;
      return rest;
    };
    start({ logs: { correlate: [] } });
    inSpan(() => log(make()));
    const before = last();
    expect(traceOf(before)).toEqual({});
    await captured.stop();
    start();
    inSpan(() => log(make()));
    expect(Object.keys(traceOf(last()))).toHaveLength(3);
    expect(without(last())).toEqual(without(before));
    expect(lines.at(-1)?.match(/\n/g)?.length).toBe(lines.at(0)?.match(/\n/g)?.length);
  });

  test('a trace that the service writes itself stays', () => {
    start();
    const logger = make();
    inSpan(() => logger.child({ trace_id: 'mine' }).info('hello'));
    expect(last().trace_id).toBe('mine');
    expect(lines.at(-1)?.match(/trace_id/g)).toHaveLength(1);
  });

  test('nothing is left after shutdown', async () => {
    start({ logs: { correlateWith: ['identity'] } });
    const logger = make();
    logger.info('hello');
    expect(last()).toMatchObject({ service_name: 'orders', team: 'checkout' });
    await captured.stop();
    logger.info('hello');
    expect(last()).not.toHaveProperty('service_name');
  });

  test('correlate() does it for one logger, once', () => {
    start({ logs: { correlate: [] } });
    const logger = make();
    expect(correlate(correlate(logger))).toBe(logger);
    expect(inSpan(() => logger.info('hello'))).toEqual(traceOf(last()));
    expect(inSpan(() => logger.child({ a: 1 }).info('hello'))).toEqual(traceOf(last()));
    expect(lines.at(-1)?.match(/"trace_id"/g)).toHaveLength(1);
    inSpan(() => make().info('another'));
    expect(traceOf(last())).toEqual({});
  });

  test('the level as a word, on request', () => {
    start({ logs: { correlateWith: ['level'] } });
    make().error('hello');
    expect(last().level).toBe('error');
  });
});

function traceOf(line: Line): Line {
  return Object.fromEntries(Object.entries(line).filter(([name]) => /^(trace|span)_/.test(name)));
}

describe('winston', () => {
  test('any format: what prints fields prints these', () => {
    start();
    const format = winston.format.printf((info) => `${info.level}|${info.trace_id}|${info.message}`);
    const logger = winston.createLogger({
      format,
      transports: [new winston.transports.Stream({ stream: sink() })],
    });
    const { trace_id } = inSpan(() => logger.info('hello'));
    expect(lines.at(-1)?.trim()).toBe(`info|${trace_id}|hello`);
  });

  test('an object or error that is logged twice has the trace of each time', () => {
    start();
    const logger = makers['winston 3']?.() as winston.Logger;
    const entry = { level: 'info', message: 'again' };
    const error = new Error('again');
    for (const log of [() => logger.log(entry), () => logger.error(error)]) {
      inSpan(log);
      expect(inSpan(log)).toEqual(traceOf(last()));
      log();
      expect(traceOf(last())).toEqual({});
    }
  });
});

describe('pino', () => {
  test('a header or query parameter named trace_id in the bindings does not replace the trace', () => {
    start();
    const logger = require('pino')({}, sink());
    const request = { headers: { trace_id: 'x' }, query: [{ trace_id: 'y' }] };
    const child = logger.child({ req: request, note: '{"trace_id":1' });
    const trace = inSpan(() => child.info('hello'));
    expect(last()).toMatchObject({ ...trace, req: request });
    const own = logger.child({ req: request }).child({ trace_id: 'own' });
    inSpan(() => own.info('hello'));
    expect(last()).toMatchObject({ trace_id: 'own' });
  });

  test('mixin, formatters, nestedKey and redact do not notice', () => {
    start();
    const seen: object[] = [];
    const logger = require('pino')(
      {
        mixin: () => ({ mixed: true }),
        nestedKey: 'payload',
        redact: ['password'],
        formatters: {
          log(object: object) {
            seen.push({ ...object });
            return object;
          },
        },
      },
      sink(),
    );
    const trace = inSpan(() => logger.info({ password: 'x' }, 'hello'));
    expect(last()).toMatchObject({
      ...trace,
      msg: 'hello',
      payload: { mixed: true, password: '[Redacted]' },
    });
    expect(seen).toEqual([{ password: 'x', mixed: true }]);
  });

  test.each(['pino', 'pino9', 'pino8'])('%s with a transport in a worker thread', async (name) => {
    start();
    const folder = mkdtempSync(join(tmpdir(), 'throughline-pino-'));
    const destination = join(folder, 'out.log');
    const pino = require(name);
    const transport = pino.transport({ target: 'pino/file', options: { destination } });
    const logger = pino(transport);
    const trace = inSpan(() => logger.info('hello'));
    transport.end();
    await expect.poll(() => readFileSync(destination, { encoding: 'utf8', flag: 'a+' })).toContain('hello');
    expect(JSON.parse(readFileSync(destination, 'utf8'))).toMatchObject(trace);
    rmSync(folder, { recursive: true });
  });
});

test('bunyan: a raw stream gets the record with the number, text the word', () => {
  start({ logs: { correlateWith: ['level'] } });
  const records: Line[] = [];
  const logger = require('bunyan').createLogger({
    name: 'x',
    streams: [{ stream: sink() }, { type: 'raw', stream: { write: (record: Line) => records.push(record) } }],
  });
  const trace = inSpan(() => logger.warn('hello'));
  expect(records[0]).toMatchObject({ level: 40, ...trace });
  expect(last()).toMatchObject({ level: 'warn', ...trace });
});

describe.each([
  ['11', () => require('nestjs11')],
  ['12', () => import('@nestjs/common')],
])('NestJS %s', (version, load) => {
  const written = () =>
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);

  test.each(['text', 'json'])('%s lines', async (form) => {
    const { ConsoleLogger } = await load();
    start();
    await captured.observability.ready;
    const logger = new ConsoleLogger('Orders', { json: form === 'json', colors: false });
    // An ES module is found from the service's script, which is not this test.
    if (version === '12') correlate(logger);
    const spy = written();
    let trace: Line;
    try {
      trace = inSpan(() => logger.log('hello'));
      logger.log('outside');
    } finally {
      spy.mockRestore();
    }
    const [line = '', outside = ''] = lines;
    if (form === 'json')
      expect(JSON.parse(line)).toMatchObject({ message: 'hello', context: 'Orders', ...trace });
    else {
      expect(line).toMatch(
        new RegExp(
          `\\[Orders\\] hello.* trace_id=${trace.trace_id} span_id=${trace.span_id} trace_flags=01\\n$`,
        ),
      );
    }
    expect(outside).not.toContain('trace_id');
  });
});

describe('console, by option', () => {
  const print = (log: () => void): string[] => {
    const printed: string[] = [];
    const spy = vi
      .spyOn(console._stdout as Writable, 'write')
      .mockImplementation((text: unknown) => printed.push(String(text)) > 0);
    try {
      log();
    } finally {
      spy.mockRestore();
    }
    return printed;
  };
  const real = globalThis.console as Console & { _stdout: Writable };
  const console = new (real.Console ?? (require('node:console') as typeof import('node:console')).Console)(
    sink(),
  ) as Console & { _stdout: Writable };

  test('is left alone without it', () => {
    const { log } = globalThis.console;
    start();
    expect(globalThis.console.log).toBe(log);
    expect(print).toBeTypeOf('function');
  });

  test('text gets the trace at its end, a JSON object as members', async () => {
    const { correlateConsole } = await import('./correlate-console.js');
    start();
    const undo = correlateConsole(console as never);
    const trace = inSpan(() => console.log('100% %s', 'sure', { a: 1 }));
    const suffix = ` trace_id=${trace.trace_id} span_id=${trace.span_id} trace_flags=01\n`;
    expect(lines.at(-1)).toBe(`100% sure { a: 1 }${suffix}`);
    inSpan(() => console.log('50%s'));
    expect(lines.at(-1)).toMatch(/^50%s trace_id=/);
    expect(inSpan(() => console.log(JSON.stringify({ a: 1 })))).toEqual(traceOf(last()));
    expect(inSpan(() => console.log('{}'))).toEqual(last());
    console.log('outside');
    expect(lines.at(-1)).toBe('outside\n');
    undo();
    inSpan(() => console.log('undone'));
    expect(lines.at(-1)).toBe('undone\n');
  });
});

test.each(['pino', 'pino9', 'pino8'])(
  '%s with nestedKey: the trace is a member of the line, whatever the object below has',
  (name) => {
    start();
    const logger = require(name)({ nestedKey: 'payload' }, sink());
    for (const object of [{ order: 7 }, { trace_id: 'of the caller' }]) {
      expect(inSpan(() => logger.info(object, 'hello'))).toEqual(traceOf(last()));
      expect(last().payload).toEqual(object);
      expect(inSpan(() => logger.child({ a: 1 }).info(object, 'hello'))).toEqual(traceOf(last()));
      expect(last()).toMatchObject({ a: 1, payload: object });
    }
  },
);

test('anything else is refused', () => {
  start();
  for (const wrong of [undefined, null, 1, 'x', {}, () => {}, class {}]) {
    expect(() => correlate(wrong)).toThrow(expect.objectContaining({ code: 'OBS_LOGGER_UNKNOWN' }));
  }
});

test('a copy of every line goes to OTLP on request, redacted, and their lines stay as they are', async () => {
  const bodies: string[] = [];
  const intake = createServer(async (request, response) => {
    bodies.push(await otlpBody(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => intake.listen(0, '127.0.0.1', resolve));
  const { port } = intake.address() as { port: number };
  start({
    logs: {
      destinations: ['otlp'],
      correlateWith: ['otlp'],
      compression: 'gzip',
      endpoint: `http://127.0.0.1:${port}/v1/logs`,
    },
  });
  const traces = Object.entries(makers).map(([name, make]) => {
    const logger = make();
    const args = [{ password: 'x' }, 'hello'];
    return inSpan(() => logger.error(...(name.startsWith('winston') ? args.reverse() : args))).trace_id;
  });
  await captured.observability.flush();
  intake.close();
  const records = bodies.flatMap((body) =>
    JSON.parse(body).resourceLogs.flatMap((r: { scopeLogs: { logRecords: unknown[] }[] }) =>
      r.scopeLogs.flatMap((s) => s.logRecords),
    ),
  ) as {
    traceId?: string;
    severityText: string;
    attributes: { key: string; value: { stringValue?: string } }[];
  }[];
  for (const [i, traceId] of traces.entries()) {
    const mine = records.filter((record) => record.traceId === traceId);
    expect(mine, Object.keys(makers)[i]).toHaveLength(1);
    expect(mine[0]?.severityText).toBe('error');
    const password = mine[0]?.attributes.find(({ key }) => key === 'password');
    expect(password?.value.stringValue).toBe('REDACTED');
    expect(mine[0]?.attributes.map(({ key }) => key)).not.toContain('trace_id');
  }
  expect(lines.every((line) => line.includes('"password":"x"'))).toBe(true);
});
