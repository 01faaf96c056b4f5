import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SpanKind } from '@opentelemetry/api';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { afterEach, describe, expect, test } from 'vitest';
import { otlpBody } from '../../test/otlp-body.js';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { getObservability, initObservability } from '../index.js';
import type { ObservabilityPlugin } from '../plugin.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability | undefined;
const servers: Server[] = [];
afterEach(async () => {
  await captured?.stop();
  captured = undefined;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) if (file.includes('throughline-diagnose-')) delete cache[file];
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function diagnose(options: CaptureOptions = {}, asked = {}) {
  captured = captureObservability(options);
  return captured.observability.diagnose(asked);
}
const codes = (findings: readonly { level: string; code: string }[]) =>
  findings.map(({ level, code }) => `${level} ${code}`);

/** Sends spans by OTLP, which the capture otherwise keeps in memory. */
const otlp = (endpoint: string, more = {}) => ({ exporter: 'otlp' as const, endpoint, ...more });

describe('options', () => {
  const optionOf = (options: Awaited<ReturnType<typeof diagnose>>['options'], name: string) =>
    options.find((option) => option.name === name);

  test('each with its value and its source', async () => {
    const { options } = await diagnose(
      {
        team: 'checkout',
        http: { ignoreIncomingPaths: [/^\/internal/, '/up'] },
        env: { OTEL_TRACES_SAMPLER_ARG: '0.5', LOG_LEVEL: 'loud', NODE_ENV: 'test' },
        legacyTraceHeader: 'x-trace-id',
        metrics: { push: false },
      },
      { contact: false },
    );
    expect(optionOf(options, 'team')).toEqual({ name: 'team', value: 'checkout', source: 'code' });
    expect(optionOf(options, 'traces.samplingRatio')).toMatchObject({
      value: 0.5,
      source: 'environment OTEL_TRACES_SAMPLER_ARG',
    });
    expect(optionOf(options, 'environment')).toMatchObject({ value: 'test', source: 'environment NODE_ENV' });
    expect(optionOf(options, 'http.ignoreIncomingPaths')?.value).toEqual(['/^\\/internal/', '/up']);
    expect(optionOf(options, 'legacyTraceHeader.name')).toMatchObject({ source: 'code' });
    expect(optionOf(options, 'metrics.push')).toMatchObject({ value: false, source: 'code' });
    expect(optionOf(options, 'shutdown.timeoutMillis')).toMatchObject({ value: 5_000, source: 'default' });
  });

  test('no secret is shown, wherever it stands', async () => {
    const secret = 'hunter2-hunter2-hunter2';
    const found = await diagnose(
      {
        resourceAttributes: { 'deploy.token': secret, 'k8s.pod.name': 'orders-7' },
        control: { token: secret },
        metrics: { endpoint: { port: 0, token: secret } },
        traces: otlp(`http://ann:${secret}@127.0.0.1:9/v1/traces?api_key=${secret}`, {
          headers: { 'x-team': secret },
        }),
        env: { OTEL_EXPORTER_OTLP_LOGS_HEADERS: secret },
      },
      { timeoutMillis: 2_000 },
    );
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(found.findings.map(({ code }) => code)).toContain('OBS_ENVIRONMENT_INVALID');
    expect(optionOf(found.options, 'traces.headers')?.value).toEqual({ 'x-team': 'REDACTED' });
    expect(optionOf(found.options, 'resourceAttributes')?.value).toMatchObject({
      'k8s.pod.name': 'orders-7',
    });
  });
});

describe('what is sent', () => {
  test('nothing, where it is not wanted', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.end('{}');
    });
    const found = await diagnose({ traces: otlp(`${url}/v1/traces`) }, { contact: false });
    expect(asked).toBe(0);
    expect(found.backends).toMatchObject([{ signal: 'traces', isTaken: undefined }]);
    expect(found.testTraceId).toBeUndefined();
  });

  test.each([
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ] as const)(
    'a span, a log record and no points, as the exporters send them by %s',
    async (protocol, type) => {
      const received: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
      const url = await serve(async (request, response) => {
        received.push({ path: request.url ?? '', headers: request.headers, body: await otlpBody(request) });
        response.setHeader('content-type', type).end(type === 'application/json' ? '{}' : '');
      });
      const found = await diagnose({
        serviceName: 'orders',
        traces: otlp(`${url}/v1/traces`, { protocol, compression: 'gzip', headers: { 'x-own': 'a' } }),
        logs: { protocol, destinations: ['otlp'], endpoint: `${url}/v1/logs` },
        metrics: { push: { protocol, endpoint: `${url}/v1/metrics` } },
        env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-general=b' },
      });
      expect(found.findings).toEqual([]);
      expect(found.backends.map(({ signal, isTaken }) => [signal, isTaken])).toEqual([
        ['traces', true],
        ['logs', true],
        ['metrics', true],
      ]);
      const of = (path: string) => received.find((each) => each.path === path);
      expect(new Set(received.map(({ headers }) => headers['content-type']))).toEqual(new Set([type]));
      expect(of('/v1/traces')?.headers).toMatchObject({
        'x-own': 'a',
        'x-general': 'b',
        'content-encoding': 'gzip',
      });
      expect(of('/v1/traces')?.body).toContain(found.testTraceId);
      expect(of('/v1/traces')?.body).toContain('"stringValue":"orders"');
      expect(of('/v1/logs')?.body).toContain(`throughline doctor: test line ${found.testTraceId}`);
      expect(of('/v1/metrics')?.body).toMatch(/^\{"resourceMetrics":\[\{/);
      expect(of('/v1/metrics')?.body).not.toContain('dataPoints');
    },
  );

  test('it leaves no trace in the telemetry of the service', async () => {
    const url = await serve((_request, response) => response.end('{}'));
    await diagnose({
      logs: { destinations: ['otlp'], endpoint: `${url}/v1/logs` },
      metrics: { endpoint: { port: 0 } },
    });
    const text = await captured?.metrics();
    expect(text).not.toMatch(/^http_client_request_duration_seconds_count/m);
    // The intake stands in this process and is observed itself, without a caller.
    expect(captured?.spans.map(({ kind, parentSpanContext }) => [kind, parentSpanContext])).toEqual([
      [SpanKind.SERVER, undefined],
    ]);
  });

  test('a test line on request, in the log where lines do not leave by OTLP', async () => {
    const found = await diagnose({ logs: { level: 'error' } }, { testLine: true });
    expect(captured?.logLines.map(({ message }) => message)).toContain(
      `throughline doctor: test line ${found.testTraceId}`,
    );
  });
});

describe('what the answer means', () => {
  const dated = (offsetMillis: number) => ({ date: new Date(Date.now() + offsetMillis).toUTCString() });
  test.each<[string, RequestListener, string[], RegExp]>([
    [
      'taken in part',
      (_, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}'),
      ['error OBS_ENDPOINT_REJECTED'],
      /answers 200, and rejects the data \(too old\)/,
    ],
    [
      'taken, with a warning',
      (_, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end('{"partialSuccess":{"rejectedSpans":"0","errorMessage":"use gRPC"}}'),
      [],
      /./,
    ],
    [
      'taken in part, said in protobuf',
      (_, response) =>
        response
          .setHeader('content-type', 'application/x-protobuf')
          .end(Buffer.from([0x0a, 0x0b, 0x08, 1, 0x12, 7, ...Buffer.from('too old')])),
      ['error OBS_ENDPOINT_REJECTED'],
      /answers 200, and rejects the data \(too old\)/,
    ],
    [
      'rejected, said in protobuf',
      (_, response) =>
        response
          .writeHead(400, { 'content-type': 'application/x-protobuf' })
          .end(Buffer.from([0x08, 3, 0x12, 7, ...Buffer.from('no name')])),
      ['error OBS_ENDPOINT_REJECTED'],
      /rejects the data \(400: no name\)/,
    ],
    ['taken, without a body', (_, response) => response.writeHead(202).end(), [], /./],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: '/login' }).end(),
      ['error OBS_ENDPOINT_REJECTED'],
      /302, a redirect to \/login/,
    ],
    [
      'forbidden',
      (_, response) => response.writeHead(403).end('no write scope'),
      ['error OBS_ENDPOINT_UNAUTHORIZED'],
      /403: no write scope/,
    ],
    ['overloaded', (_, response) => response.writeHead(503).end(), ['error OBS_ENDPOINT_UNAVAILABLE'], /503/],
    [
      'unknown encoding',
      (_, response) => response.writeHead(415).end(),
      ['error OBS_ENDPOINT_REJECTED'],
      /415/,
    ],
    [
      'TLS wanted',
      (_, response) => response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.'),
      ['error OBS_ENDPOINT_TLS'],
      /needs TLS/,
    ],
    [
      'a broken connection',
      (request) => request.socket.destroy(),
      ['error OBS_ENDPOINT_BROKEN'],
      /ECONNRESET/,
    ],
    ['no answer', () => {}, ['error OBS_ENDPOINT_TIMEOUT'], /no answer within 300 ms/],
    [
      'a clock ahead',
      (_, response) => response.writeHead(200, dated(600_000)).end(),
      ['warning OBS_CLOCK_SKEW'],
      /is 10 min ahead of/,
    ],
    [
      'a clock behind',
      (_, response) => response.writeHead(200, dated(-10_800_000)).end(),
      ['warning OBS_CLOCK_SKEW'],
      /is 3 h behind/,
    ],
    ['nearly the same clock', (_, response) => response.writeHead(200, dated(-1_500)).end(), [], /./],
  ])('%s', async (_name, listener, expected, message) => {
    const url = await serve((request, response) => {
      request.resume();
      listener(request, response);
    });
    const { findings, ok } = await diagnose({ traces: otlp(`${url}/v1/traces`) }, { timeoutMillis: 300 });
    expect(codes(findings)).toEqual(expected);
    if (findings[0]) expect(findings[0].message).toMatch(message);
    expect(ok).toBe(!expected.some((each) => each.startsWith('error')));
  });

  test('https where plain HTTP is spoken', async () => {
    const url = await serve((_request, response) => response.end());
    const { findings } = await diagnose({ traces: otlp(`${url.replace('http', 'https')}/v1/traces`) });
    expect(codes(findings)).toEqual(['error OBS_ENDPOINT_TLS']);
    expect(findings[0]?.fix).toContain('http://');
  });

  test('a certificate that cannot be read is told as at start', async () => {
    const { findings } = await diagnose({
      traces: otlp('https://127.0.0.1:9/v1/traces'),
      env: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/ca.pem' },
    });
    expect(codes(findings)).toEqual(['error OBS_ENDPOINT_REFUSED', 'warning OBS_ENVIRONMENT_INVALID']);
  });

  test('a host without an address', async () => {
    const { findings } = await diagnose({ traces: otlp('http://collector.invalid:4318/v1/traces') });
    expect(codes(findings)).toEqual(['error OBS_ENDPOINT_UNKNOWN_HOST']);
  });

  test.each([
    ['/v1/traces/v1/traces', '/v1/traces'],
    ['/otlp', '/otlp/v1/traces'],
    ['/otlp/', '/otlp/v1/traces'],
  ])('the right path for %s', async (given, right) => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(request.url === right ? 200 : 404).end();
    });
    const { findings } = await diagnose({ traces: otlp(url + given) });
    expect(findings).toMatchObject([
      { code: 'OBS_ENDPOINT_NOT_FOUND', cause: `The receiver is at ${url}${right}.` },
    ]);
  });

  test('signals that fail alike are one finding', async () => {
    const { findings } = await diagnose({
      traces: otlp('http://127.0.0.1:9/v1/traces'),
      logs: { destinations: ['otlp'], endpoint: 'http://127.0.0.1:9/v1/logs' },
    });
    expect(findings.map(({ message }) => message)).toEqual([
      'http://127.0.0.1:9/v1/traces has no listener (ECONNREFUSED): spans and log records cannot leave. The address comes from code.',
    ]);
  });
});

describe('libraries', () => {
  /** Puts packages into a new folder and loads them. */
  function load(packages: Record<string, string>): void {
    const root = temporaryFolder('throughline-diagnose-');
    for (const [name, version] of Object.entries(packages)) {
      const folder = join(root, 'node_modules', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }));
      writeFileSync(join(folder, 'index.js'), 'exports.x = 1;');
      createRequire(join(root, 'main.js'))(name);
    }
  }
  const plugin = (name: string, library: string, range: string, file?: string): ObservabilityPlugin => ({
    name,
    setup: ({ patchModule }) =>
      patchModule({ name: library, supportedVersions: [range], ...(file && { file }), patch: () => {} }),
  });
  const library = (found: Awaited<ReturnType<typeof diagnose>>, name: string) =>
    found.libraries.find((each) => each.name === name);

  test('recorded, before or after init; too old; without its plugin; without any plugin', async () => {
    load({ 'some-db': '3.1.0', 'old-db': '1.0.0', kafkajs: '2.2.4', fastify: '5.0.0', memcached: '2.2.2' });
    const found = await diagnose(
      { plugins: [plugin('some', 'some-db', '>=3 <4'), plugin('old', 'old-db', '>=2 <3')] },
      { contact: false },
    );
    expect(codes(found.findings)).toEqual([
      'error OBS_LIBRARY_UNSUPPORTED',
      'warning OBS_PLUGIN_MISSING',
      'warning OBS_PLUGIN_MISSING',
      'info OBS_INSTRUMENTATION_MISSING',
    ]);
    expect(library(found, 'some-db')).toMatchObject({ isRecorded: true, by: ['some'], version: '3.1.0' });
    expect(library(found, 'old-db')).toMatchObject({
      isRecorded: false,
      reason: expect.stringContaining('>=2 <3'),
    });
    const fixes = found.findings.map(({ fix }) => fix);
    expect(fixes).toContain(
      "Run `npm install @throughline/kafka`, import it (`import { kafkaPlugin } from '@throughline/kafka'`), and add `kafkaPlugin()` to the option `plugins`.",
    );
    expect(fixes).toContain(
      "Run `npm install @throughline/fastify`, import it (`import { fastifyPlugin } from '@throughline/fastify'`), and add `fastifyPlugin()` to the option `plugins`.",
    );
    expect(library(found, 'memcached')?.by).toEqual(['@opentelemetry/instrumentation-memcached']);

    captured?.reset();
    await captured?.stop();
    captured = captureObservability({ plugins: [plugin('late', 'late-db', '*')] });
    load({ 'late-db': '1.2.3' });
    expect(library(await captured.observability.diagnose({ contact: false }), 'late-db')).toMatchObject({
      isRecorded: true,
      version: '1.2.3',
    });
  });

  test('a plugin without a library, one that is switched off, and a file that is not loaded', async () => {
    load({ 'some-db': '3.1.0', 'deep-db': '1.0.0' });
    captured = captureObservability({
      plugins: [
        plugin('idle', 'no-db', '*'),
        plugin('some', 'some-db', '*'),
        plugin('deep', 'deep-db', '*', 'lib/client.js'),
      ],
    });
    captured.observability.setPluginEnabled('some', false);
    const found = await captured.observability.diagnose({ contact: false });
    expect(codes(found.findings)).toEqual(['warning OBS_LIBRARY_NOT_RECORDED', 'warning OBS_PLUGIN_IDLE']);
    expect(found.plugins.map(({ name, on }) => [name, on])).toEqual([
      ['idle', true],
      ['some', false],
      ['deep', true],
    ]);
    expect(library(found, 'some-db')?.reason).toBe('plugin some is switched off');
    captured.observability.setPluginEnabled('some', true);
    const again = await captured.observability.diagnose({ contact: false });
    expect(library(again, 'some-db')?.isRecorded).toBe(true);
  });

  test('a stock instrumentation that listens to channels', async () => {
    load({ restify: '11.0.0' });
    class ByChannels extends InstrumentationBase {
      constructor() {
        super('@opentelemetry/instrumentation-restify', '1.0.0', {});
      }
      protected init() {
        return [];
      }
    }
    const found = await diagnose({ instrumentations: [new ByChannels()] }, { contact: false });
    expect(found.findings).toEqual([]);
    expect(library(found, '@opentelemetry/instrumentation-restify')?.isRecorded).toBe(true);
  });

  test('a module that was handed over', async () => {
    const given: ObservabilityPlugin = {
      name: 'bundled',
      setup: ({ patchModule }) =>
        patchModule({ name: 'in-bundle', supportedVersions: ['*'], patch: () => {} }, { 'in-bundle': {} }),
    };
    const found = await diagnose({ plugins: [given] }, { contact: false });
    expect(found.findings).toEqual([]);
    expect(library(found, 'in-bundle')).toMatchObject({ isRecorded: true, version: undefined });
  });
});

describe('it never rejects', () => {
  test('before init, and where it is switched off', async () => {
    expect(codes((await getObservability().diagnose()).findings)).toEqual(['error OBS_NOT_STARTED']);
    const observability = initObservability({ enabled: false });
    try {
      expect(await observability.diagnose()).toMatchObject({
        ok: true,
        throughline: { state: 'off' },
        findings: [{ code: 'OBS_SWITCHED_OFF' }],
      });
    } finally {
      await observability.shutdown();
    }
  });

  test('what cannot be found out is a finding', async () => {
    const hostile = new Proxy(
      { shouldSample: () => ({ decision: 0 }) },
      {
        getPrototypeOf() {
          throw new Error('not for you');
        },
      },
    );
    const found = await diagnose({ traces: { sampler: hostile } as never }, { contact: false });
    expect(found.findings).toMatchObject([
      { code: 'OBS_DIAGNOSIS_FAILED', message: 'Throughline could not examine the options: not for you.' },
    ]);
    expect(found.options).toEqual([]);
    expect(found.throughline.state).toBe('on');
  });

  test.each([null, { timeoutMillis: Number.NaN }, { timeoutMillis: -1, contact: 'no' }])(
    '%j',
    async (asked) => {
      expect((await diagnose({}, asked as never)).findings).toEqual([]);
    },
  );

  test('what a plugin has thrown is told without its secrets', async () => {
    captured = captureObservability({
      plugins: [
        {
          name: 'orders',
          setup() {
            throw new Error('connect postgres://shop:hunter2@db/shop, password=hunter2');
          },
        },
      ],
    });
    await captured.observability.ready;
    const { findings } = await captured.observability.diagnose({ contact: false });
    expect(findings[0]?.message).toContain('postgres://REDACTED:REDACTED@db/shop');
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  test('what was reported since the start is told again; the latest of each kind', async () => {
    captured = captureObservability({ env: { LOG_LEVEL: 'loud' } });
    const { findings } = await captured.observability.diagnose({ contact: false });
    expect(findings).toMatchObject([
      {
        code: 'OBS_ENVIRONMENT_INVALID',
        level: 'warning',
        help: 'npx throughline explain OBS_ENVIRONMENT_INVALID',
      },
    ]);
  });
});
