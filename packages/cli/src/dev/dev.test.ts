import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';
import { type Dev, type DevSettings, startDev } from './dev.js';
import type { LinesAnswer, SearchAnswer, StatusAnswer, TraceAnswer } from './model/api.js';

const running: Dev[] = [];
afterEach(async () => {
  for (const dev of running.splice(0)) {
    dev.signal('SIGKILL');
    await dev.ended;
    await dev.close();
  }
});

async function start(settings: Partial<DevSettings> = {}) {
  const io = recordedIo();
  const dev = await startDev(
    { services: [], scrapeUrls: [], port: 0, environment: { PATH: process.env.PATH }, ...settings },
    io,
  );
  running.push(dev);
  const api = async <T>(path: string): Promise<T> => {
    const headers = { authorization: `Bearer ${dev.access.token}` };
    const response = await fetch(`${dev.endpoint}/api/${path}`, { headers });
    expect(response.status, `${path}: ${response.status}`).toBe(200);
    return response.json() as Promise<T>;
  };
  const post = (
    signal: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${dev.endpoint}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  return { dev, io, api, post };
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const serverSpan = (fields: object = {}) => ({
  ...{ traceId, spanId: 'b7ad6b7169203331', name: 'GET /orders/:id', kind: 2 },
  ...{ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000010000000' },
  attributes: [attribute('http.request.method', 'GET'), attribute('http.route', '/orders/:id')],
  ...fields,
});
const traces = (...spans: object[]) =>
  JSON.stringify({
    resourceSpans: [
      { resource: { attributes: [attribute('service.name', 'orders')] }, scopeSpans: [{ spans }] },
    ],
  });

/** A request with headers that `fetch` does not let a program set. */
function raw(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: '127.0.0.1', path, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end();
  });
}

describe('the intake', () => {
  test('takes what is compressed, and answers as OTLP says', async () => {
    const { api, post } = await start();
    const response = await post('traces', new Uint8Array(gzipSync(traces(serverSpan()))), {
      'content-encoding': 'gzip',
    });
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(await api<TraceAnswer>(`traces/${traceId}`)).toMatchObject({
      spanCount: 1,
      serviceName: 'orders',
    });
  });

  test.each([
    ['{', { 'content-type': 'application/json' }, 400, 'not JSON'],
    ['\u0001', { 'content-type': 'application/x-protobuf' }, 400, 'not an OTLP request'],
    ['{}', { 'content-encoding': 'gzip' }, 400, 'not gzip'],
    ['{}', { 'content-encoding': 'br' }, 400, "'br' is not supported"],
    ['{}', { 'content-type': 'text/plain' }, 415, 'content type'],
  ])('refuses %j with %j, says why, and counts it', async (body, headers, status, reason) => {
    const { api, post } = await start();
    const response = await post('traces', body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(reason);
    const { refused } = await api<StatusAnswer>('status');
    expect(refused).toMatchObject({ requests: 1, lastReason: expect.stringContaining(reason) });
  });

  test('refuses what would unpack to more than it holds', async () => {
    const { post } = await start();
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(65 * 1024 * 1024)));
    expect((await post('traces', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('keeps the good spans of a request, and tells how many it rejected', async () => {
    const { api, post } = await start();
    const response = await post('traces', traces(serverSpan(), serverSpan({ traceId: 'x' })));
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
    expect(await api('status')).toMatchObject({ counts: { spans: 1 }, refused: { requests: 0, items: 1 } });
  });
});

describe('access', () => {
  test('needs the token, in the link, a header or the cookie that the page gets', async () => {
    const { dev } = await start();
    const status = `${dev.endpoint}/api/status`;
    expect((await fetch(status)).status).toBe(401);
    expect((await fetch(`${status}?token=wrong`)).status).toBe(401);
    expect((await fetch(`${dev.endpoint}/`)).status).toBe(401);
    expect((await fetch(status, { headers: { cookie: dev.access.cookie.split(';')[0] ?? '' } })).status).toBe(
      200,
    );
    expect(dev.access.cookie).toMatch(/HttpOnly; SameSite=Strict$/);
    expect(dev.link).toContain(`?token=${dev.access.token}`);
  });

  test('is for this machine: a name that was made to resolve to it is refused everywhere', async () => {
    const { dev } = await start();
    for (const path of ['/', '/api/status', '/v1/traces', '/page.js']) {
      expect(await raw(dev.port, path, { host: `evil.test:${dev.port}` })).toBe(403);
      expect(await raw(dev.port, path, { host: '127.0.0.1.evil.test' })).toBe(403);
    }
  });

  test('is not for other pages: they can neither read nor send telemetry', async () => {
    const { dev, api } = await start();
    const authorization = `Bearer ${dev.access.token}`;
    const host = `127.0.0.1:${dev.port}`;
    for (const headers of [
      { origin: 'http://evil.test' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      expect(await raw(dev.port, '/api/status', { host, authorization, ...headers })).toBe(403);
      expect(await raw(dev.port, '/api/session', { host, authorization, ...headers }, 'DELETE')).toBe(403);
      const json = { 'content-type': 'application/json' };
      expect(await raw(dev.port, '/v1/traces', { host, ...json, ...headers }, 'POST')).toBe(403);
    }
    expect(await api('status')).toMatchObject({ refused: { requests: 3 } });
  });

  test('every answer forbids scripts from elsewhere and inline', async () => {
    const { dev } = await start();
    for (const path of ['/', '/api/status', '/nothing']) {
      const policy = (await fetch(dev.endpoint + path)).headers.get('content-security-policy');
      expect(policy).toMatch(/default-src 'none'; script-src 'self';/);
      expect(policy).not.toContain('unsafe');
    }
  });

  test('a port that is in use is an error if it was asked for, else the next one is taken', async () => {
    const { dev } = await start();
    await expect(start({ port: dev.port })).rejects.toThrow(`Port ${dev.port} is in use.`);
    const [first, second] = [await start({ port: undefined }), await start({ port: undefined })];
    expect(second.dev.port).toBeGreaterThan(first.dev.port);
  });
});

describe('search finds a trace', () => {
  const attributes = [attribute('legacy_trace_id', 'order 4711'), attribute('url.path', '/orders/a b')];
  test.each([
    ['its id', traceId],
    ['the beginning of its id', traceId.slice(0, 8)],
    ['its id as a UUID', '0af76519-16cd-43dd-8448-eb211c80319c'],
    ['the old trace id', 'order 4711'],
    ['its route', '/orders/:id'],
    ['an attribute', 'url.path="/orders/a b"'],
    ['a text in a line', 'declined'],
  ])('by %s', async (_name, text) => {
    const { api, post } = await start();
    await post(
      'traces',
      traces(serverSpan({ attributes }), serverSpan({ traceId: '1'.repeat(32), name: 'other' })),
    );
    const record = { ...{ traceId, spanId: 'b7ad6b7169203331' }, body: { stringValue: 'Card declined.' } };
    await post('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    const { traces: found } = await api<SearchAnswer>(`search?q=${encodeURIComponent(text)}`);
    expect(found.map((trace) => trace.traceId)).toContain(traceId);
    if (text !== '/orders/:id') expect(found).toHaveLength(1);
  });

  test('by an old trace id from which its id was derived', async () => {
    const { api, post } = await start();
    // As docs/moving-over.md says: printf %s 'order 4711' | sha256sum | cut -c1-32
    const derived = createHash('sha256').update('order 4711').digest('hex').slice(0, 32);
    await post('traces', traces(serverSpan({ traceId: derived }), serverSpan()));
    const { traces: found } = await api<SearchAnswer>('search?q=order%204711');
    expect(found.map((trace) => trace.traceId)).toEqual([derived]);
  });
});

test('events say what has changed', async () => {
  const { dev, post } = await start();
  const response = await fetch(`${dev.endpoint}/api/events?token=${dev.access.token}`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => /data: (.*)/.exec((await reader?.read())?.value ?? '')?.[1];
  expect(JSON.parse((await next()) ?? '')).toMatchObject({ traces: 0 });
  for (let count = 0; count < 20; count++) await post('traces', traces(serverSpan()));
  let last: { traces: number } | undefined;
  while (last?.traces !== 20) last = JSON.parse((await next()) ?? '{}');
  await reader?.cancel();
});

test('a session is saved and opened, and what is live goes on beside it', async () => {
  const first = await start();
  await first.post('traces', traces(serverSpan()));
  const authorization = `Bearer ${first.dev.access.token}`;
  const saved = await fetch(`${first.dev.endpoint}/api/session`, { headers: { authorization } });
  expect(saved.headers.get('content-disposition')).toMatch(/filename="throughline-.*\.ndjson\.gz"/);
  const content = Buffer.from(await saved.arrayBuffer());

  const { dev, api, post } = await start({ session: { name: 'monday', content } });
  expect(await api('status')).toMatchObject({ session: { name: 'monday' }, counts: { spans: 1 } });
  await post('traces', traces(serverSpan(), serverSpan({ spanId: '1'.repeat(16) })));
  expect(await api('status')).toMatchObject({ counts: { spans: 1 } });
  const headers = { authorization: `Bearer ${dev.access.token}` };
  await fetch(`${dev.endpoint}/api/session`, { method: 'DELETE', headers });
  expect(await api('status')).toMatchObject({ counts: { spans: 2 } });
  const body = new Uint8Array(content);
  const opened = await fetch(`${dev.endpoint}/api/session?name=a`, { method: 'POST', headers, body });
  expect(await opened.json()).toMatchObject({ session: { name: 'a' } });
  const wrong = await fetch(`${dev.endpoint}/api/session`, { method: 'POST', headers, body: 'x' });
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('Line 1')]);
});

describe('a service that is started', () => {
  const node = (script: string) => ({ name: undefined, command: [process.execPath, '-e', script] });

  test('is told where to send, whatever the environment said before', async () => {
    const script = `for (const name of Object.keys(process.env)) if (/^OTEL|CONTROL/.test(name)) console.log(name + '=' + process.env[name])`;
    const { dev, io } = await start({
      services: [{ ...node(script), name: 'orders' }],
      environment: {
        PATH: process.env.PATH,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://production.test',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret',
        OTEL_BSP_SCHEDULE_DELAY: '77',
      },
    });
    await dev.ended;
    const lines = io.outText();
    expect(lines).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${dev.endpoint}\n`);
    expect(lines).toContain('OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n');
    expect(lines).toContain('OTEL_SERVICE_NAME=orders\n');
    expect(lines).toContain('OTEL_BSP_SCHEDULE_DELAY=77\n');
    expect(lines).toMatch(/THROUGHLINE_CONTROL_TOKEN=\w{48}\n/);
    expect(lines).not.toMatch(/production|secret/);
  });

  test('has its lines on the page, and its end', async () => {
    const script = `console.log(JSON.stringify({ level: 'error', message: 'no <b>stock</b>', trace_id: '${traceId}' }));
      console.error('plain'); process.exitCode = 3;`;
    const { dev, api } = await start({ services: [{ ...node(script), name: 'orders' }] });
    expect(await dev.ended).toEqual([{ exitCode: 3, reason: 'exit code 3' }]);
    const { lines } = await api<LinesAnswer>('lines');
    expect(lines.map(({ message, channel, level }) => ({ message, channel, level })).sort()).toHaveLength(2);
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'no <b>stock</b>', level: 'error', traceId }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ message: 'plain', channel: 'stderr' }));
    expect(await api('status')).toMatchObject({
      services: [{ name: 'orders', state: 'ended', end: 'exit code 3' }],
    });
  });

  // Windows has no signals.
  test.skipIf(process.platform === 'win32')('gets signals, as a group', async () => {
    const { dev, api } = await start({
      services: [
        { name: 'web', command: `${process.execPath} -e "console.log('up'); setInterval(() => {}, 1000)"` },
      ],
    });
    await expect.poll(async () => (await api<LinesAnswer>('lines')).lines.length).toBe(1);
    dev.signal('SIGTERM');
    expect(await dev.ended).toEqual([{ exitCode: 143, reason: 'SIGTERM' }]);
  });

  test('has its metrics read with their exemplars', async () => {
    const exposition = `# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{le="0.1",http_request_method="GET",http_route="/a",service_name="orders"} 2
http_server_request_duration_seconds_bucket{le="+Inf",http_request_method="GET",http_route="/a",service_name="orders"} 3 # {trace_id="${traceId}",span_id="b7ad6b7169203331"} 0.7 ${Date.now() / 1_000}
# EOF
`;
    const script = `require('node:http').createServer((_, response) => response.end(${JSON.stringify(exposition)}))
      .listen(process.env.OTEL_EXPORTER_PROMETHEUS_PORT, '127.0.0.1')`;
    const { api } = await start({ services: [node(script)] });
    await expect.poll(async () => (await api<{ rows: object[] }>('overview')).rows.length).toBe(1);
    expect(await api('overview')).toMatchObject({
      rows: [{ serviceName: 'orders', operation: 'GET /a', count: 3, source: 'metrics' }],
    });
    expect(await api('operation?service=orders&operation=GET%20/a')).toMatchObject({
      dots: [{ traceId, durationMillis: 700, isExemplar: true, isStored: false }],
    });
  });
});

describe('the command', () => {
  const run = async (...args: string[]) => {
    const io = recordedIo();
    return { exitCode: await runCommandLine(commands, ['dev', ...args], io), problems: io.problemText() };
  };

  test('ends with its service, and with its exit code', async () => {
    const { exitCode, problems } = await run(
      '--port',
      '0',
      '--',
      process.execPath,
      '-e',
      'process.exitCode = 7',
    );
    expect(exitCode).toBe(7);
    expect(problems).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}/);
  });

  test.each([
    [['npm', 'start'], 'throughline dev -- npm start'],
    [['--'], 'no command after --'],
    [['--name', 'a'], '--name needs a command'],
    [['--service', 'web'], '--service takes <name>=<command>'],
    [['--service', 'a=x', '--service', 'a=y'], "Two services are named 'a'"],
    [['--port', 'x'], '--port takes an integer'],
    [['--memory', '0'], '--memory takes an integer'],
    [['--scrape', ':'], '--scrape takes a URL'],
    [['--open', 'no-such-file'], 'no-such-file could not be read'],
  ])('%j is refused: %s', async (args, reason) => {
    const { exitCode, problems } = await run(...args);
    expect(exitCode).toBe(2);
    expect(problems).toContain(reason);
  });
});
