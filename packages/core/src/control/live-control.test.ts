import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { logger, type ObservabilityError } from '../index.js';
import type { ObservabilityPlugin } from '../plugin.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

const token = 'correct-horse-battery';
let captured: CapturedObservability;
let url: string;
let events: string[];

const plugin = (name: string): ObservabilityPlugin => ({
  name,
  setup({ patchModule }) {
    events.push(`${name} on`);
    patchModule({
      name: 'node:querystring',
      supportedVersions: ['*'],
      patch: () => {
        events.push(`${name} patched`);
        return () => events.push(`${name} unpatched`);
      },
    });
    return () => events.push(`${name} off`);
  },
});

async function start(options: CaptureOptions = {}): Promise<void> {
  captured = captureObservability({
    metrics: { endpoint: { port: 0, host: '127.0.0.1' } },
    plugins: [plugin('one'), plugin('two')],
    logs: { level: 'info' },
    control: { token },
    ...options,
  });
  await captured.observability.ready;
  url = `http://127.0.0.1:${captured.logLines.find((line) => line.metrics_port)?.metrics_port}`;
}

beforeEach(() => {
  events = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await captured.stop();
});

interface Asked {
  readonly body?: unknown;
  readonly authorization?: string;
  readonly contentType?: string;
}

async function ask(method: string, path: string, asked: Asked = {}) {
  const { body, authorization = `Bearer ${token}`, contentType = 'application/json' } = asked;
  const response = await fetch(`${url}/observability${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': contentType }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  };
}
const put = (path: string, body: unknown) => ask('PUT', path, { body });
const audits = () => captured.logLines.filter((line) => line.message.startsWith('Live control'));

test('sampling: routes, the limit and what is kept at the end, each with its own path', async () => {
  await start({ traces: { keepErrors: true } });
  expect((await ask('GET', '/sampling/keep-errors')).json).toEqual({ keepErrors: true, until: null });
  for (const [path, body] of [
    ['/sampling/route-ratios', { routeRatios: { 'GET /orders/:id': 0.5 } }],
    ['/sampling/max-traces-per-second', { maxTracesPerSecond: 10 }],
    ['/sampling/keep-errors', { keepErrors: false }],
    ['/sampling/keep-slower-than', { keepSlowerThanMillis: 500 }],
  ] as const) {
    expect(await put(path, body)).toMatchObject({ status: 200, json: body });
  }
  expect((await put('/sampling/keep-slower-than', { keepSlowerThanMillis: null })).json).toMatchObject({
    keepSlowerThanMillis: null,
  });
  expect((await put('/sampling/route-ratios', { routeRatios: { orders: 1 } })).status).toBe(400);
  expect((await ask('DELETE', '/sampling/keep-errors')).json).toEqual({ keepErrors: true, until: null });
});

describe('who may', () => {
  test('without a token in the options there is nothing there', async () => {
    await start({ control: {} });
    const bare = await fetch(`${url}/observability/log-level`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(bare.status).toBe(404);
    const elsewhere = await fetch(`${url}/elsewhere`);
    expect(await bare.text()).toBe(await elsewhere.text());
  });

  test.each(['', 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(1)}`])(
    'with %j all paths are alike, and nothing changes',
    async (authorization) => {
      await start();
      const answers = await Promise.all([
        ask('GET', '', { authorization }),
        ask('GET', '/nowhere', { authorization }),
        ask('PUT', '/log-level', { authorization, body: { level: 'debug' } }),
        ask('DELETE', '/plugins/one', { authorization }),
      ]);
      for (const { status, json, headers } of answers) {
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toBe('Bearer');
        expect(json).toEqual({ error: { message: 'This request needs a bearer token.' } });
      }
      expect(logger.level).toBe('info');
      // Said once, not per request.
      expect(audits()).toMatchObject([{ level: 'warn', remote_address: '127.0.0.1' }]);
    },
  );

  test('the other paths of the port do not tell of it', async () => {
    await start();
    expect(await (await fetch(`${url}/elsewhere`)).text()).not.toContain('observability');
    expect((await fetch(`${url}/observability-not`)).status).toBe(404);
  });

  test('a weak token is refused at start, and never shown', async () => {
    await start();
    await captured.stop();
    const failure = (wrong: unknown) => {
      try {
        captureObservability({ control: { token: wrong as string } });
        return '';
      } catch (error) {
        return (error as ObservabilityError).message;
      }
    };
    for (const wrong of ['too-short', 'long enough but with spaces', 7]) {
      expect(failure(wrong)).toMatch(/'control\.token' takes /);
      expect(failure(wrong)).not.toContain(String(wrong));
    }
    captured = captureObservability({ env: { THROUGHLINE_CONTROL_TOKEN: 'hunter2' } });
    const warning = captured.logLines.find((line) => line.code === 'OBS_ENVIRONMENT_INVALID');
    expect(warning?.message).toContain('THROUGHLINE_CONTROL_TOKEN');
    expect(warning?.message).not.toContain('hunter2');
  });

  test('the token comes from the environment too', async () => {
    await start({ control: {}, env: { THROUGHLINE_CONTROL_TOKEN: token } });
    expect((await ask('GET', '/log-level')).status).toBe(200);
  });
});

describe('the diagnosis', () => {
  test('is the one of observability.diagnose()', async () => {
    await start({ team: 'checkout' });
    const { status, json } = await ask('POST', '/doctor', { body: {} });
    expect(status).toBe(200);
    expect(json).toMatchObject({ ok: true, identity: { team: 'checkout' }, findings: [] });
    expect(json.options).toContainEqual({ name: 'control.token', value: 'REDACTED', source: 'code' });
    expect(JSON.stringify(json)).not.toContain(token);
    expect(captured.logLines.some(({ message }) => message.includes('test line'))).toBe(false);
  });

  test('with a test line on request', async () => {
    await start();
    captured.observability.setLogLevel('error');
    const { json } = await ask('POST', '/doctor', { body: { testLine: true } });
    expect(captured.logLines.map(({ message }) => message)).toContain(
      `throughline doctor: test line ${json.testTraceId}`,
    );
  });

  test.each([
    ['GET', undefined, 405],
    ['PUT', {}, 405],
    ['POST', { testLine: 1 }, 400],
    ['POST', { timeoutMillis: 1 }, 400],
    ['POST', '[', 400],
  ])('%s %j is refused', async (method, body, status) => {
    await start();
    expect((await ask(method, '/doctor', { body })).status).toBe(status);
  });

  test('is for nobody without the token', async () => {
    await start();
    expect((await ask('POST', '/doctor', { body: {}, authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('what is changed', () => {
  test('the state can be read as a whole and one by one', async () => {
    await start();
    expect((await ask('GET', '')).json).toEqual({
      'log-level': { level: 'info', until: null },
      'sampling-ratio': { ratio: null, until: null },
      'sampling/route-ratios': { routeRatios: {}, until: null },
      'sampling/max-traces-per-second': { maxTracesPerSecond: null, until: null },
      'sampling/keep-errors': { keepErrors: false, until: null },
      'sampling/keep-slower-than': { keepSlowerThanMillis: null, until: null },
      'plugins/one': { enabled: true, until: null },
      'plugins/two': { enabled: true, until: null },
    });
    expect(Object.keys((await ask('GET', '/plugins')).json)).toEqual(['plugins/one', 'plugins/two']);
    const head = await ask('HEAD', '/log-level');
    expect([head.status, head.json]).toEqual([200, undefined]);
    expect(audits()).toEqual([]);
  });

  test('the log level, with a line that says who and until when', async () => {
    await start();
    const { status, json } = await put('/log-level', { level: 'debug', forSeconds: 60 });
    expect(status).toBe(200);
    expect(json.level).toBe('debug');
    const leftSeconds = (Date.parse(json.until) - Date.now()) / 1000;
    expect(leftSeconds).toBeGreaterThan(30);
    expect(leftSeconds).toBeLessThanOrEqual(60);
    logger.debug('now seen');
    expect(captured.logLines.at(-1)?.message).toBe('now seen');
    expect(audits()).toMatchObject([
      {
        level: 'info',
        setting: 'log-level',
        value: 'debug',
        previous: 'info',
        until: json.until,
        remote_address: '127.0.0.1',
      },
    ]);
    expect((await ask('DELETE', '/log-level')).json).toEqual({ level: 'info', until: null });
    expect(audits()).toHaveLength(2);
  });

  test('the log level of one child logger', async () => {
    await start();
    const billing = logger.child({ name: 'billing' });
    expect((await put('/log-level/billing', { level: 'debug', forSeconds: 60 })).json.level).toBe('debug');
    logger.debug('not seen');
    billing.debug('now seen');
    expect(captured.logLines.at(-1)?.message).toBe('now seen');
    expect((await ask('DELETE', '/log-level/billing')).json).toEqual({ level: null, until: null });
    billing.debug('not seen any more');
    expect(captured.logLines.at(-1)).toMatchObject({ setting: 'log-level/billing' });
  });

  test('the lines about it are written at any level', async () => {
    await start();
    await put('/log-level', { level: 'error' });
    expect(logger.level).toBe('error');
    logger.info('not seen');
    expect(captured.logLines.at(-1)).toMatchObject({ setting: 'log-level', value: 'error' });
  });

  test('it goes back by itself, and says so', async () => {
    await start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await put('/log-level', { level: 'silly', forSeconds: 60 });
    await put('/plugins/one', { enabled: false, forSeconds: 30 });
    vi.advanceTimersByTime(29_999);
    expect([logger.level, events.at(-1)]).toEqual(['silly', 'one unpatched']);
    vi.advanceTimersByTime(1);
    expect(events.at(-1)).toBe('one patched');
    expect(audits().at(-1)).toMatchObject({ setting: 'plugins/one', value: true });
    vi.advanceTimersByTime(30_000);
    expect(logger.level).toBe('info');
    expect(audits().at(-1)).toMatchObject({ setting: 'log-level', value: 'info' });
  });

  test('the sampling ratio', async () => {
    await start();
    expect((await put('/sampling-ratio', { ratio: 0 })).json).toEqual({ ratio: 0, until: null });
    captured.observability.tracer.startSpan('unseen').end();
    await ask('DELETE', '/sampling-ratio');
    captured.observability.tracer.startSpan('seen').end();
    await captured.observability.flush();
    expect(captured.spans.map((span) => span.name).filter((name) => /seen/.test(name))).toEqual(['seen']);
  });

  test('a plugin is torn down once and set up once, the others stay', async () => {
    await start();
    events = [];
    await put('/plugins/one', { enabled: false });
    await put('/plugins/one', { enabled: false });
    expect(events).toEqual(['one off', 'one unpatched']);
    expect((await ask('GET', '/plugins/one')).json).toEqual({ enabled: false, until: null });
    await put('/plugins/one', { enabled: true });
    await put('/plugins/one', { enabled: true });
    expect(events.slice(2)).toEqual(['one on', 'one patched']);
    events = [];
    await captured.stop();
    // The last to be set up goes first.
    expect(events).toEqual(['one off', 'one unpatched', 'two off', 'two unpatched']);
  });

  test('in code as well', async () => {
    await start();
    captured.observability.setPluginEnabled('two', false);
    expect((await ask('GET', '/plugins/two')).json.enabled).toBe(false);
    expect(() => captured.observability.setPluginEnabled('three', true)).toThrow(/no plugin 'three'/);
    expect(() => captured.observability.setPluginEnabled('two', 'yes' as never)).toThrow(/true or false/);
  });

  test('a plugin that cannot be set up again is off, and said', async () => {
    let broken = false;
    const fragile: ObservabilityPlugin = {
      name: 'fragile',
      setup() {
        if (broken) throw new Error('no more');
      },
    };
    await start({ plugins: [fragile] });
    await put('/plugins/fragile', { enabled: false });
    broken = true;
    expect((await put('/plugins/fragile', { enabled: true })).json.enabled).toBe(false);
    expect(captured.logLines.map((line) => line.code)).toContain('OBS_PLUGIN_SETUP_FAILED');
  });
});

describe('what is refused', () => {
  test.each<[number, string, string, Asked]>([
    [404, 'GET', '/nowhere', {}],
    [404, 'PUT', '/plugins/three', { body: { enabled: false } }],
    [404, 'GET', '/%ff', {}],
    [404, 'GET', '/constructor', {}],
    [405, 'POST', '/log-level', { body: { level: 'debug' } }],
    [405, 'PUT', '', { body: {} }],
    [415, 'PUT', '/log-level', { body: 'level=debug', contentType: 'application/x-www-form-urlencoded' }],
    [415, 'PUT', '/log-level', {}],
    [400, 'PUT', '/log-level', { body: '{' }],
    [400, 'PUT', '/log-level', { body: '[]' }],
    [400, 'PUT', '/log-level', { body: 'null' }],
    [400, 'PUT', '/log-level', { body: {} }],
    [400, 'PUT', '/log-level', { body: { level: 'loud' } }],
    [400, 'PUT', '/log-level', { body: { level: 'debug', forever: true } }],
    [400, 'PUT', '/log-level', { body: { level: 'debug', forSeconds: 0 } }],
    [400, 'PUT', '/log-level', { body: { level: 'debug', forSeconds: 86_401 } }],
    [400, 'PUT', '/log-level', { body: { level: 'debug', forSeconds: '60' } }],
    [400, 'PUT', '/log-level', { body: { level: 'debug', forSeconds: null } }],
    [400, 'PUT', '/sampling-ratio', { body: { ratio: 1.1 } }],
    [400, 'PUT', '/sampling-ratio', { body: { ratio: '0.5' } }],
    [400, 'PUT', '/plugins/one', { body: { enabled: 'no' } }],
    [413, 'PUT', '/log-level', { body: { level: 'x'.repeat(5_000) } }],
  ])('%i %s %s %j', async (status, method, path, asked) => {
    await start();
    const answer = await ask(method, path, asked);
    expect(answer.status).toBe(status);
    expect(answer.json.error.message).toMatch(/\w/);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.has('allow')).toBe(status === 405);
    expect(logger.level).toBe('info');
    expect(audits()).toEqual([]);
  });

  test('a body without a length that does not end', async () => {
    await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      `PUT /observability/log-level HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    socket.write(`1400\r\n${'x'.repeat(0x1400)}\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

test('a service can mount it itself', async () => {
  await start({ metrics: { endpoint: false } });
  const server = createServer(captured.observability.controlHandler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  expect((await put('/log-level', { level: 'warn' })).json.level).toBe('warn');
  server.closeAllConnections();
  server.close();
});
