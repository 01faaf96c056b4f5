import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import winston from 'winston';
import { initObservability, logger, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability, type LogLine } from '../testing.js';
import { createLineValues } from './line-values.js';
import { describeError, toLogRecord } from './log-record.js';
import { createPrettyLine } from './pretty-line.js';

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability({ serviceName: 'orders', team: 'checkout', environment: 'test' });
});
afterEach(() => captured.stop());

const last = (): LogLine => captured.logLines.at(-1) as LogLine;

describe('a line', () => {
  test('is one object: time, level, message, trace, identity, then the fields of the caller', () => {
    withSpan('work', (span) => {
      logger.warn('stock is low', { product: 7, left: { warehouse: 2 } });
      const { traceId, spanId } = span.spanContext();
      expect(last()).toEqual({
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'warn',
        message: 'stock is low',
        trace_id: traceId,
        span_id: spanId,
        trace_flags: '01',
        service_name: 'orders',
        deployment_environment_name: 'test',
        team: 'checkout',
        product: 7,
        left: { warehouse: 2 },
      });
      expect(Object.keys(last()).slice(0, 3)).toEqual(['timestamp', 'level', 'message']);
    });
  });

  test('has no trace fields where there is no trace', () => {
    logger.info('idle');
    expect(last()).not.toHaveProperty('trace_id');
  });

  test('carries the trace of the call even when a slow transport delays its formatting', async () => {
    const stuck: (() => void)[] = [];
    const slow = new winston.transports.Stream({
      stream: new Writable({
        highWaterMark: 1,
        write: (_chunk, _encoding, next) => void stuck.push(next),
      }),
    });
    logger.add(slow);
    const ids: string[] = [];
    for (let i = 0; i < 60; i++) {
      withSpan(`request ${i}`, (span) => {
        ids.push(span.spanContext().traceId);
        logger.info(`line ${i}`);
      });
    }
    const lines = () => captured.logLines.filter((line) => line.message.startsWith('line '));
    while (lines().length < 60) {
      stuck.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    logger.remove(slow);
    expect(lines().map((line) => line.trace_id)).toEqual(ids);
  });

  test('cannot be forged, whatever the input', () => {
    logger.info('one\n{"level":"error","message":"forged"}', { 'a"b\n': '"\n' });
    expect(captured.logLines.filter((line) => line.message.startsWith('forged'))).toEqual([]);
    expect(last()['a"b\n']).toBe('"\n');
  });

  test("a caller's field never replaces one of ours", () => {
    withSpan('work', (span) => {
      logger.info('x', { trace_id: 'mine', team: 'mine', timestamp: 'mine', level: 'error' });
      expect(last()).toMatchObject({
        trace_id: span.spanContext().traceId,
        team: 'checkout',
        exported_trace_id: 'mine',
        exported_team: 'mine',
        exported_timestamp: 'mine',
        level: 'info',
      });
    });
  });

  test('is written whatever its values are', () => {
    const circular: Record<string, unknown> = { name: 'c' };
    circular.self = circular;
    logger.info('odd', {
      circular,
      big: 12345678901234567890n,
      nan: Number.NaN,
      nothing: undefined,
      none: null,
      fn: () => 1,
      date: new Date(0),
      throwing: {
        get value() {
          throw new Error('getter');
        },
      },
    });
    expect(last()).toMatchObject({
      circular: { name: 'c', self: '[Circular]' },
      nan: 'NaN',
      none: null,
      date: '1970-01-01T00:00:00.000Z',
      throwing: { value: '[Unserializable]' },
      big: '12345678901234567890',
    });
    expect(last()).not.toHaveProperty('nothing');
  });

  test('printf placeholders work', () => {
    logger.info('%s has %d', 'cart', 3);
    expect(last().message).toBe('cart has 3');
    logger.info('100 % sure', { a: 1 });
    expect(last().message).toBe('100 % sure');
  });

  test.each<[string, unknown[]]>([
    ['an object after the placeholders', ['%s is %d', 'cart', 3, { order: 7, user: 'u' }]],
    ['two objects', ['%s', 'cart', { order: 7 }, { user: 'u' }]],
    ['two objects and no placeholder', ['cart', { order: 7 }, { user: 'u' }]],
    ['an object for a placeholder', ['%j', { order: 7 }, { user: 'u' }]],
    ['a percent sign that is no placeholder', ['100 %% of %s', 'cart', { order: 7 }]],
    ['too few values', ['%s is %d', 'cart']],
    ['a value of the object that has the name of the message', ['%s', 'cart', { message: 'm', order: 7 }]],
  ])("%s: message and fields as winston's own splat makes them", (_name, args) => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const plain = winston.createLogger({
      format: winston.format.combine(winston.format.splat(), winston.format.json()),
      transports: [new winston.transports.Stream({ stream })],
    });
    const log = (target: winston.Logger) => Reflect.apply(target.info, target, args);
    log(plain);
    const { message, order, user } = JSON.parse(lines[0] as string);
    log(logger);
    const line = last();
    expect({ message: line.message, order: line.order, user: line.user }).toEqual({ message, order, user });
  });

  test.each<[string, (error: Error) => unknown[]]>([
    ['after a placeholder', (error) => ['order %s failed', 'o-7', error]],
    ['for a placeholder', (error) => ['order %s failed: %s', 'o-7', error]],
    ['in an object after a placeholder', (error) => ['order %s failed', 'o-7', { error }]],
    ['after an object', (error) => ['failed', { order: 7 }, error]],
  ])('an error %s has its fields', (_name, args) => {
    const error = Object.assign(new RangeError('none left'), { code: 'E_STOCK' });
    Reflect.apply(logger.error, logger, args(error));
    expect(last()).toMatchObject({
      'error.type': 'RangeError',
      'error.message': 'none left',
      'error.stack': expect.stringContaining('RangeError: none left'),
      'error.code': 'E_STOCK',
    });
    expect(last().message).toMatch(/^(order o-7 )?failed/);
    expect(last()).not.toHaveProperty('error');
  });
});

describe('values that cannot be read or written', () => {
  const fail = (): never => {
    throw new Error('from the value');
  };
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const getter = (name: string, target: object = {}): object =>
    Object.defineProperty(target, name, { get: fail, enumerable: true, configurable: true });
  const hostile: [string, () => unknown][] = [
    ['a getter that throws', () => getter('bad')],
    ['a revoked Proxy', revoked],
    ['no prototype', () => Object.create(null)],
    ['a frozen Error', () => Object.freeze(new Error('frozen'))],
    ['a frozen object', () => Object.freeze({ message: 'frozen' })],
    ['an Error whose message throws', () => getter('message', new Error('x'))],
    ['an Error whose stack throws', () => getter('stack', new Error('x'))],
    ['an Error whose cause is a revoked Proxy', () => new Error('x', { cause: revoked() })],
    ['a message that throws', () => getter('message')],
    ['a constructor that throws', () => getter('constructor')],
    ['a toString that throws', () => ({ toString: fail })],
    ['a toPrimitive that throws', () => ({ [Symbol.toPrimitive]: fail })],
    ['a toJSON that throws', () => ({ toJSON: fail })],
    ['an inspect that throws', () => ({ [Symbol.for('nodejs.util.inspect.custom')]: fail })],
    ['a function whose toString throws', () => Object.assign(() => {}, { toString: fail })],
    [
      'a Proxy whose traps throw',
      () => new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail, has: fail }),
    ],
    ['a Proxy that has a text under every name', () => new Proxy([], { get: () => 'x' })],
    [
      'a Proxy that has no end',
      () => new Proxy({}, { get: (_target, name) => (name === 'length' ? 1 / 0 : 'x') }),
    ],
    ['a BigInt', () => 10n],
    ['a list with a BigInt', () => [10n]],
    ['a symbol', () => Symbol('s')],
  ];

  test.each(hostile)('%s: is a line wherever it stands in the call, and nothing is thrown', (_name, make) => {
    const calls: (() => unknown)[] = [
      () => logger.info('w', make()),
      () => logger.info('w', { value: make() }),
      () => logger.info('w', { error: make() }),
      () => logger.info('w', { err: make(), other: 1 }),
      () => logger.info('w %s', make()),
      () => logger.info('w %j', make()),
      () => logger.info('w %d %o %O', make(), make(), make()),
      () => logger.info('w', 1, make()),
      () => logger.info(make()),
      () => logger.log('info', make()),
      () => logger.log('info', 'w', make()),
      () => logger.log({ level: 'info', message: make() as string }),
      () => logger.child({ from: make() }).info('w', make()),
      () => logger.child(getter('bad')).info('w'),
      () => logger.child(getter('name')).info('w'),
      () => logger.child(make() as object).info('w'),
    ];
    for (const call of calls) {
      const before = captured.logLines.length;
      expect(call, String(call)).not.toThrow();
      expect(captured.logLines.length, String(call)).toBe(before + 1);
      expect(last().level).toBe('info');
    }
  });

  test('a body with the key __proto__ is logged as any other, twice in one call too', () => {
    const body = () => JSON.parse('{"__proto__":{"__proto__":{"a":1},"level":"x"},"b":1}');
    expect(() => logger.info('', [[]] as never, body(), { ...body() }, body())).not.toThrow();
    expect(() => logger.info({ message: 'w', body: body() })).not.toThrow();
    expect(() => logger.child({ body: body() }).info('w', getter('bad', body()))).not.toThrow();
    expect(last()).toMatchObject({ message: 'w', b: 1 });
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test('cost their own value only', () => {
    logger.info('w', getter('bad', { good: 1 }));
    expect(last()).toMatchObject({ message: 'w', good: 1, bad: '[Unserializable]' });
    logger.info('sum %j of %s', 10n, 'all');
    expect(last().message).toBe('sum 10 of all');
    logger.error('failed', { error: getter('stack', new RangeError('too far')) });
    expect(last()).toMatchObject({
      message: 'failed',
      'error.type': 'RangeError',
      'error.message': 'too far',
    });
    logger.error(Object.freeze(new RangeError('frozen')));
    expect(last()).toMatchObject({ level: 'error', message: 'frozen', 'error.type': 'RangeError' });
  });

  test('what a transport of the service throws reaches the caller, as with plain winston', () => {
    const transport = new winston.transports.Stream({ stream: new Writable() });
    transport.log = fail;
    logger.add(transport);
    try {
      expect(() => logger.info('w')).toThrow('from the value');
    } finally {
      logger.remove(transport);
    }
  });
});

describe('a line stays below 128 KiB', () => {
  const many = (count: number, value: (index: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`field_${index}`, value(index)]));
  const cases: [string, () => unknown[]][] = [
    ['100,000 fields', () => ['w', many(100_000, (index) => index)]],
    ['100,000 fields of null', () => ['w', many(100_000, () => null)]],
    ['100,000 texts', () => ['w', many(100_000, () => 'x')]],
    [
      '100,000 secrets',
      () => ['w', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`password${i}`, 'x']))],
    ],
    [
      'names of 10,000 characters',
      () => ['w', Object.fromEntries(Array.from({ length: 100 }, (_, i) => ['n'.repeat(10_000) + i, 1]))],
    ],
    ['a name of 1 MB', () => ['w', { ['n'.repeat(1_000_000)]: 1 }]],
    ['three bytes a character', () => ['w', many(50, () => '한'.repeat(16_000))]],
    ['six bytes a character', () => ['w', many(50, () => '\u0001'.repeat(16_000))]],
    ['C1 controls', () => ['w', many(50, () => '\u0085'.repeat(16_000))]],
    ['lone surrogates', () => ['w', many(50, () => '\ud800'.repeat(16_000))]],
    ['nested objects', () => ['w', { a: many(1_000, () => many(1_000, (index) => index)) }]],
    [
      'an error with a code of 1 MB',
      () => ['w', Object.assign(new Error('x'.repeat(1e6)), { code: 'c'.repeat(1e6) })],
    ],
    ['a message of 1 MB', () => ['é'.repeat(1e6)]],
  ];

  test.each(cases)('%s', (_name, args) => {
    logger.info(...(args() as [string]));
    const bytes = Buffer.byteLength(JSON.stringify(last()));
    expect(bytes).toBeLessThan(128 * 1024);
    expect(JSON.stringify(last())).toMatch(/more characters\]|\[more\]|\[Cut\]|"password0":"\[REDACTED\]"/i);
  });
});

describe('errors', () => {
  const cause = new Error('no route to host');
  const error = Object.assign(new TypeError('payment failed', { cause }), { code: 'E_PAY' });
  const expected = {
    'error.type': 'TypeError',
    'error.message': 'payment failed',
    'error.code': 'E_PAY',
    'error.stack': expect.stringMatching(
      /TypeError: payment failed\n[\s\S]*Caused by: Error: no route to host/,
    ),
  };

  test.each([
    ['as an argument', () => logger.error('checkout', error), 'checkout'],
    ['as the field error', () => logger.error('checkout', { error, order: 7 }), 'checkout'],
    ['as the field err', () => logger.error('checkout', { err: error }), 'checkout'],
    ['alone', () => logger.error(error as unknown as string), 'payment failed'],
    ['alone, from a child', () => logger.child({ a: 1 }).error(error as unknown as string), 'payment failed'],
    ['twice', () => [1, 2].map(() => logger.error(error as unknown as string)), 'payment failed'],
  ])('%s', (_name, log, message) => {
    log();
    expect(last()).toMatchObject({ ...expected, message });
    expect(last()).not.toHaveProperty('stack');
    expect(last()).not.toHaveProperty('cause');
    expect(last()).not.toHaveProperty('code');
  });

  test('the same error logged in two requests carries two traces', () => {
    const ids = [0, 1].map((i) =>
      withSpan(`request ${i}`, (span) => {
        logger.error(error as unknown as string);
        return span.spanContext().traceId;
      }),
    );
    expect(captured.logLines.slice(-2).map((line) => line.trace_id)).toEqual(ids);
  });
});

test('child loggers keep their fields, nest, and carry the trace', () => {
  const child = logger.child({ component: 'cart' }).child({ step: 2 });
  withSpan('work', (span) => {
    child.info('added', { item: 1 });
    expect(last()).toMatchObject({
      component: 'cart',
      step: 2,
      item: 1,
      trace_id: span.spanContext().traceId,
    });
  });
});

test('the level can be changed, for a while or for good, and a wrong one is refused', async () => {
  const { observability } = captured;
  observability.setLogLevel('warn');
  logger.info('hidden');
  expect(captured.logLines.some((line) => line.message === 'hidden')).toBe(false);
  observability.setLogLevel('debug', { forSeconds: 0.05 });
  logger.debug('shown');
  expect(last().message).toBe('shown');
  await expect.poll(() => logger.level).toBe('silly');
  expect(() => observability.setLogLevel('loud' as never)).toThrow(/'error', 'warning', 'warn'/);
  expect(() => observability.setLogLevel('info', { forSeconds: -1 })).toThrow(/forSeconds/);
});

test('a transport that the service adds sees every line, in order, and none when it is gone', async () => {
  const seen: string[] = [];
  const own = new winston.transports.Stream({
    stream: new Writable({
      write(chunk, _encoding, next) {
        seen.push(JSON.parse(String(chunk)).message);
        next();
      },
    }),
  });
  logger.info('before');
  logger.add(own);
  logger.info('one');
  logger.debug('two');
  logger.remove(own);
  logger.info('after');
  await expect.poll(() => captured.logLines.at(-1)?.message).toBe('after');
  expect(seen).toEqual(['one', 'two']);
  const mine = captured.logLines
    .map((line) => line.message)
    .filter((m) => ['before', 'one', 'two', 'after'].includes(m));
  expect(mine).toEqual(['before', 'one', 'two', 'after']);
});

test('a silenced logger is silent', () => {
  logger.silent = true;
  logger.info('silent');
  logger.silent = false;
  expect(captured.logLines.some((line) => line.message === 'silent')).toBe(false);
});

test('the logger works before init, and again after shutdown', async () => {
  await captured.stop();
  expect(() => logger.info('nobody is there')).not.toThrow();
});

test('a pretty line is one line of safe text', () => {
  const pretty = createPrettyLine({ colour: false });
  const values = createLineValues({ redact: [], maxFieldLength: 16_384 });
  const record = toLogRecord(
    { level: 'info', message: 'a\nb\u001b[31mred', user: 'x\u001b]0;title\u0007', nested: { a: 1 } },
    new Set(),
    values,
  );
  expect(pretty(record)).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} info {2}a\\nb\\u001b\[31mred user=x\\u001b\]0;title\\u0007 nested=\{ a: 1 \}$/,
  );
  const withError = pretty({ ...record, error: describeError(new Error('boom\u001b[2J'), values) });
  expect(withError).not.toContain('\u001b');
  expect(withError.split('\n').length).toBeGreaterThan(2);
});

test('a second init with other options warns, and returns the first handle', () => {
  expect(initObservability({ serviceName: 'other' })).toBe(captured.observability);
  expect(last()).toMatchObject({ code: 'OBS_ALREADY_INITIALIZED', level: 'warn' });
});

describe('levels', () => {
  test('the names of npm and of syslog stand in one order', () => {
    const { observability } = captured;
    for (const [level, hidden] of [
      ['notice', 'info'],
      ['warn', 'notice'],
      ['warning', 'notice'],
      ['crit', 'error'],
    ] as const) {
      observability.setLogLevel(level);
      logger[hidden]('hidden');
      logger[level]('shown');
      logger.emerg('emergency');
      expect(captured.logLines.slice(-2).map(({ level, message }) => [level, message])).toEqual([
        [level, 'shown'],
        ['emerg', 'emergency'],
      ]);
      expect(captured.logLines.some(({ message }) => message === 'hidden')).toBe(false);
    }
    expect(logger.isLevelEnabled('crit')).toBe(true);
    expect(logger.isDebugEnabled()).toBe(false);
  });

  test('of one child by its name, and its children, for a while', async () => {
    const { observability } = captured;
    const payments = logger.child({ logger: 'payments' });
    const inner = payments.child({ step: 1 });
    const other = logger.child({ name: 'other' });
    const write = () => [payments, inner, other, logger].map((one, i) => one.debug(`debug ${i}`));
    const debugs = () =>
      captured.logLines.map(({ message }) => message).filter((message) => message.startsWith('debug'));
    observability.setLogLevel('info');
    observability.setLogLevel('debug', { logger: 'payments', forSeconds: 0.1 });
    write();
    expect(debugs()).toEqual(['debug 0', 'debug 1']);
    expect(payments.isDebugEnabled()).toBe(true);
    await expect
      .poll(() => captured.logLines.map(({ message }) => message), { timeout: 10_000 })
      .toContain("Log level of 'payments': same as the service.");
    write();
    expect(debugs()).toHaveLength(2);
    expect(payments.isDebugEnabled()).toBe(false);
    observability.setLogLevel('error', { logger: 'other' });
    other.info('hidden');
    payments.info('shown');
    expect(last().message).toBe('shown');
  });

  test("of one child reaches destinations beside a transport of the service's own", async () => {
    const own = new winston.transports.Stream({ stream: new Writable({ write: (_c, _e, next) => next() }) });
    logger.add(own);
    captured.observability.setLogLevel('info');
    captured.observability.setLogLevel('debug', { logger: 'payments' });
    logger.child({ logger: 'payments' }).debug('from payments');
    logger.debug('from the service');
    logger.info('end');
    await expect.poll(() => last().message).toBe('end');
    logger.remove(own);
    const messages = captured.logLines.map(({ message }) => message);
    expect(messages).toContain('from payments');
    expect(messages).not.toContain('from the service');
  });

  test('by a signal, and back by the next one', async () => {
    await captured.stop();
    captured = captureObservability({ logs: { level: 'info', debugSignal: 'SIGUSR2' } });
    process.kill(process.pid, 'SIGUSR2');
    await expect.poll(() => logger.level).toBe('debug');
    process.kill(process.pid, 'SIGUSR2');
    await expect.poll(() => logger.level).toBe('info');
    await captured.stop();
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });
});

test('error stacks name all causes and the errors of an AggregateError, and end in loops too', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  const error = new AggregateError(
    [new TypeError('first'), new Error('second', { cause: 'password=hunter2' })],
    'both failed',
    { cause: loop },
  );
  logger.error('x', error);
  expect(last()['error.type']).toBe('AggregateError');
  expect(last()['error.stack']).toMatch(
    /AggregateError: both failed[\s\S]*Error 1 of 2: TypeError: first[\s\S]*Error 2 of 2: Error: second[\s\S]*Caused by: password=REDACTED[\s\S]*Caused by: Error: loop/,
  );
  const broken = Object.defineProperty(new Error('x'), 'stack', {
    get() {
      throw new Error('no stack');
    },
  });
  logger.error('y', { error: broken });
  expect(last().message).toBe('y');
});

test('an object that is logged again is a new line each time', async () => {
  const own = new winston.transports.Stream({ stream: new Writable({ write: (_c, _e, next) => next() }) });
  const entry = { level: 'info', message: 'again', n: 1 };
  logger.add(own);
  const first = withSpan('work', (span) => {
    logger.log(entry);
    return span.spanContext().traceId;
  });
  await expect.poll(() => last().trace_id).toBe(first);
  entry.n = 2;
  logger.log(entry);
  await expect.poll(() => last().n).toBe(2);
  expect(last().trace_id).toBeUndefined();
  logger.remove(own);
});

test('nothing in a JSON line ends it early or moves a terminal, and it says the same', () => {
  const text = 'a\u2028b\u2029c\u0085d\u009b31me\u001b[31mf\r\ng\u0000h\u007f';
  let raw = '';
  const parse = vi.spyOn(JSON, 'parse').mockImplementationOnce((line: string) => {
    raw = line;
    return { timestamp: '', level: '', message: '' };
  });
  logger.info(text, { [text]: text });
  parse.mockRestore();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  expect(raw).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(JSON.parse(raw)).toMatchObject({ message: text, [text]: text });
});

test('a pretty line cannot be forged by an error or by a value', () => {
  const pretty = createPrettyLine({ colour: false });
  const values = createLineValues({ redact: [], maxFieldLength: 16_384 });
  const forged = '12:00:00.000 info  all is well';
  const line = pretty(
    toLogRecord(
      { level: 'error', message: 'x', error: new Error(`boom\n${forged}`), user: 'ann level=info' },
      new Set(),
      values,
    ),
  );
  expect(line.split('\n').filter((part) => !part.startsWith('    '))).toHaveLength(1);
  expect(line).toContain('user="ann level=info"');
  expect(
    pretty(toLogRecord({ level: 'info', message: 'abc\u202egnp.exe' }, new Set(), values)),
  ).not.toContain('\u202e');
});

test('one line per request, with route, status and duration, in its trace', async () => {
  await captured.stop();
  captured = captureObservability({ logs: { access: true } });
  const server = createServer((request, response) => {
    response.statusCode = request.url?.startsWith('/bad') ? 503 : 200;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  for (const path of ['/orders?token=x', '/bad', '/health']) await fetch(`http://localhost:${port}${path}`);
  await expect.poll(() => captured.spans.filter((span) => span.kind === 1)).toHaveLength(2);
  server.close();
  const lines = captured.logLines.filter((line) => line.duration_seconds !== undefined);
  expect(lines).toMatchObject([
    { level: 'info', message: 'GET /orders 200', url_path: '/orders', http_response_status_code: 200 },
    { level: 'error', message: 'GET /bad 503', http_response_status_code: 503, error_type: '503' },
  ]);
  const traces = captured.spans.filter((span) => span.kind === 1).map((span) => span.spanContext().traceId);
  expect(lines.map((line) => line.trace_id)).toEqual(traces);
});
