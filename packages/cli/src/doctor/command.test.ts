import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { recordedIo } from '../../test/recorded-io.js';
import { runCommandLine } from '../command-line/run.js';
import { commands } from '../commands.js';

/* Against running services; test/doctor.test.ts has those that it starts. */
let captured: CapturedObservability | undefined;
const servers: Server[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await captured?.stop();
  captured = undefined;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function start(options: CaptureOptions = {}): Promise<string> {
  captured = captureObservability({ metrics: { endpoint: { port: 0, host: '127.0.0.1' } }, ...options });
  await captured.observability.ready;
  return `http://127.0.0.1:${captured.logLines.find((line) => line.metrics_port)?.metrics_port}`;
}

async function doctor(...args: string[]) {
  const io = recordedIo();
  const exitCode = await runCommandLine(commands, ['doctor', ...args], io);
  return { exitCode, out: io.outText(), problems: io.problemText() };
}

async function findings(...args: string[]) {
  const { exitCode, out, problems } = await doctor('--json', ...args);
  expect(out, problems).toMatch(/^\{/);
  const report = JSON.parse(out) as { findings: { level: string; code: string; message: string }[] };
  return {
    exitCode,
    found: report.findings
      .filter(({ code }) => code !== 'OBS_DETAILS_HIDDEN')
      .map(({ level, code, message }) => `${level} ${code}: ${message}`),
  };
}

test('spans that do not get out are an error while none does, and a warning afterwards', async () => {
  let isDown = true;
  const intake = await serve((request, response) => {
    request.resume();
    response.writeHead(isDown ? 401 : 200).end();
  });
  const url = await start({
    traces: { exporter: 'otlp', endpoint: `${intake}/v1/traces` },
    // The intake stands in this process.
    http: { ignoreIncomingPaths: ['/v1/traces', '/metrics', '/livez', '/readyz'] },
  });
  const send = async () => {
    withSpan('work', () => {});
    await captured?.observability.flush();
  };
  await send();
  const failing = await findings('--attach', url);
  expect(failing.exitCode).toBe(1);
  expect(failing.found.join()).toMatch(
    /^error OBS_EXPORT_FAILED: \d+ spans could not be sent since the start, 0 could\.$/,
  );
  isDown = false;
  await send();
  const { exitCode, found } = await findings('--attach', url);
  expect(exitCode).toBe(0);
  expect(found.join()).toMatch(
    /^warning OBS_EXPORT_FAILED: \d+ spans could not be sent since the start, [1-9]\d* could\.$/,
  );
  expect((await findings('--attach', url, '--strict')).exitCode).toBe(1);
});

test('a failing health check, by its name and reason', async () => {
  const url = await start();
  captured?.observability.health.addReadinessCheck('database', () => {
    throw new Error('no route to db');
  });
  expect(await findings('--attach', url)).toEqual({
    exitCode: 0,
    found: ['warning OBS_NOT_READY: /readyz answers 503: database (no route to db).'],
  });
});

test('a metrics endpoint with a token, or with another path', async () => {
  const url = await start({ metrics: { endpoint: { port: 0, token: 'scrape', path: '/internal/metrics' } } });
  expect((await findings('--attach', `${url}/internal/metrics`)).found).toEqual([
    `error OBS_METRICS_UNREACHABLE: ${url}/internal/metrics requires a token (401).`,
  ]);
  expect(
    await findings('--attach', `${url}/internal/metrics`, '--header', 'Authorization: Bearer scrape'),
  ).toEqual({ exitCode: 0, found: [] });
});

test('metrics of something else', async () => {
  const url = await serve((_request, response) => response.end('up 1\n'));
  expect((await findings('--attach', url)).found).toEqual([
    `error OBS_NOT_STARTED: ${url}/metrics serves metrics, but not those of Throughline.`,
  ]);
  const page = await serve((_request, response) => response.end('<html>'));
  expect((await findings('--attach', page)).found.join()).toMatch(
    /^error OBS_METRICS_UNREACHABLE: .* cannot be read/,
  );
});

test('without a token nothing is sent, and nothing is looked for', async () => {
  const url = await start();
  expect((await findings('--attach', url, '--tempo', 'http://127.0.0.1:9')).found).toEqual([
    'info OBS_NOT_LOOKED_FOR: Without a token the service sends no test data, so the backend was not searched.',
  ]);
});

test('with the token, the test line is looked for where an agent takes lines from stdout', async () => {
  vi.stubEnv('THROUGHLINE_CONTROL_TOKEN', 'correct-horse-battery');
  const url = await start({ serviceName: 'orders', control: { token: 'correct-horse-battery' } });
  const asked: string[] = [];
  const loki = await serve((request, response) => {
    const query = new URL(request.url ?? '', 'http://loki').searchParams.get('query') ?? '';
    asked.push(`${request.headers['x-scope-orgid']} ${query.replace(/[0-9a-f]{32}/, 'ID')}`);
    const id = /[0-9a-f]{32}/.exec(query)?.[0] ?? 'none';
    const isThere = captured?.logLines.some(({ message }) => message.includes(id));
    response.end(JSON.stringify({ data: { result: isThere ? [{}] : [] } }));
  });
  const args = ['--attach', url, '--loki', loki, '--query-header', 'X-Scope-OrgID: shop'];
  expect(await findings(...args)).toEqual({ exitCode: 0, found: [] });
  expect(asked).toEqual(['shop {service_name="orders"} |= "ID"']);
  expect((await doctor(...args)).out).toMatch(
    /Read back +the test line from Loki after \d+ ms\n[\s\S]*orders: telemetry works/,
  );
});

test('the text: worst first, in lines of at most 100 characters', async () => {
  const url = await start({ control: { token: 'correct-horse-battery' } });
  captured?.observability.health.addLivenessCheck('loop', () => false);
  const { out } = await doctor('--attach', url);
  expect(out.match(/^[✗!i] OBS_\w+/gm)).toEqual(['! OBS_NOT_READY', 'i OBS_DETAILS_HIDDEN']);
  expect(out).toContain('  help   npx throughline explain OBS_NOT_READY\n');
  expect(out).toMatch(/✓ unknown_service:node: 1 warning, 1 hint\.\n$/);
  expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

test.each([
  [['--nope'], "Unknown option '--nope'"],
  [['node', 'service.cjs'], 'throughline doctor -- node service.cjs'],
  [['--'], 'There is no command after --'],
  [['--attach', 'localhost:1', '--', 'node'], 'not both'],
  [['--tempo', 'http://localhost:3200'], '--tempo needs a service'],
  [['--victorialogs', 'http://localhost:9428'], '--victorialogs needs a service'],
  [['--jaeger', 'localhost:16686', '--', 'node'], '--jaeger takes an http:// or https:// URL'],
  [['--attach', 'http://['], '--attach takes a URL'],
  [['--wait', 'long', '--', 'node'], '--wait takes a number of seconds'],
  [['--', 'no-such-program'], "'no-such-program' could not be started"],
])('%j is refused', async (args, hint) => {
  const { exitCode, out, problems } = await doctor(...args);
  expect(problems).toContain(hint);
  expect(out).toBe('');
  expect(exitCode).toBe(2);
});
