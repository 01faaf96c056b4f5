import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { context, propagation, trace } from '@opentelemetry/api';
import { otlpRequestAsJson } from '@throughline/testbed/otlp-trace-request';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';
import { decodeTraceRequest } from '../../test/otlp/decode-trace-request.js';
import { getObservability, initObservability } from '../index.js';
import type { ObservabilityPlugin } from '../plugin.js';
import { captureObservability, checkPlugin } from '../testing.js';

afterEach(() => getObservability().shutdown());

test('before init everything is harmless', async () => {
  const inert = getObservability();
  await inert.ready;
  await inert.flush();
  await inert.shutdown();
  expect((await inert.metrics.render()).body).toBe('');
  expect(inert.plugins).toEqual([]);
});

test('enabled: false records nothing and patches nothing', async () => {
  const before = process.listenerCount('SIGTERM');
  const observability = initObservability({ enabled: false, serviceName: 'x' });
  expect(process.listenerCount('SIGTERM')).toBe(before);
  expect(trace.getTracer('t').startSpan('s').isRecording()).toBe(false);
  await observability.shutdown();
});

test('the same options a second time are no reason to warn', () => {
  const captured = captureObservability({ serviceName: 'a' });
  const lines = captured.logLines.length;
  expect(initObservability).toBeTypeOf('function');
  expect(getObservability()).toBe(captured.observability);
  expect(captured.logLines.length).toBe(lines);
});

test('after shutdown it can start again, and nothing is left of the first time', async () => {
  const listeners = () => ['SIGTERM', 'SIGINT', 'beforeExit'].map((event) => process.listenerCount(event));
  const before = listeners();
  for (let i = 0; i < 3; i++) {
    const observability = initObservability({
      traces: { exporter: 'none' },
      metrics: { endpoint: { port: 0 } },
      logs: { level: 'error' },
    });
    await observability.ready;
    expect(trace.getTracer('t').startSpan('s').isRecording()).toBe(true);
    await observability.shutdown();
    expect(await observability.shutdown()).toBeUndefined();
  }
  expect(listeners()).toEqual(before);
  expect(trace.getTracer('t').startSpan('s').isRecording()).toBe(false);
  expect(propagation.fields()).toEqual([]);
  expect(context.active()).toBeDefined();
});

describe('plugins', () => {
  test('are set up with a working context, and torn down once', async () => {
    let tornDown = 0;
    const plugin: ObservabilityPlugin = {
      name: 'demo',
      setup({ tracer, identity, options, logger, metrics }) {
        expect(identity.serviceName).toBe('svc');
        expect(options.traces.samplingRatio).toBe(1);
        expect(metrics.registry.getMetricsAsArray().length).toBeGreaterThan(0);
        tracer.startSpan('from plugin').end();
        logger.info('hello');
        return () => {
          tornDown++;
        };
      },
    };
    const captured = captureObservability({ serviceName: 'svc', plugins: [plugin] });
    const span = await captured.waitForSpan((s) => s.name === 'from plugin');
    expect(span.instrumentationScope.name).toBe('@throughline/demo');
    expect(captured.logLines.find((line) => line.message === 'hello')?.plugin).toBe('demo');
    expect(captured.observability.plugins).toEqual(['demo']);
    await captured.stop();
    await captured.stop();
    expect(tornDown).toBe(1);
  });

  test('one that throws is logged with its code, and the others go on', () => {
    const failing: ObservabilityPlugin = {
      name: 'failing',
      setup() {
        throw new Error('no such module');
      },
    };
    const fine: ObservabilityPlugin = { name: 'fine', setup() {} };
    const captured = captureObservability({ plugins: [failing, fine] });
    expect(captured.observability.plugins).toEqual(['fine']);
    expect(captured.logLines.find((line) => line.code === 'OBS_PLUGIN_SETUP_FAILED')).toMatchObject({
      level: 'warn',
      message: "Plugin 'failing' could not be set up: no such module.",
      'error.message': 'no such module',
      fix: expect.any(String),
    });
  });

  test('the contract suite passes a good one and finds a bad one', async () => {
    const good = await checkPlugin(() => ({ name: 'good', setup() {} }));
    expect(good.filter(({ kept }) => !kept)).toEqual([]);
    const bad = await checkPlugin(() => ({
      name: 'Bad Name',
      setup() {
        throw new Error('x');
      },
    }));
    expect(bad.filter(({ kept }) => !kept).map(({ promise }) => promise)).toEqual([
      'it has a short lower-case name',
      'it sets up',
      'it sets up again after shutdown',
    ]);
  });
});

interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly traceId?: string; readonly attributes: readonly unknown[] }[];
    }[];
  }[];
}

describe('wrong environment', () => {
  test('is logged with its code, and the service starts', () => {
    const captured = captureObservability({
      env: { OTEL_RESOURCE_ATTRIBUTES: 'team', OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http' },
    });
    expect(captured.logLines.map((line) => line.code).filter(Boolean)).toEqual([
      'OBS_ENVIRONMENT_INVALID',
      'OBS_ENVIRONMENT_INVALID',
    ]);
  });
});

describe('sampling', () => {
  test('the ratio can be changed while the service runs, and comes back', async () => {
    const { observability } = captureObservability();
    const recording = () => observability.tracer.startSpan('s').isRecording();
    expect(recording()).toBe(true);
    observability.setSamplingRatio(0, { forSeconds: 0.05 });
    expect(recording()).toBe(false);
    await expect.poll(recording).toBe(true);
    expect(() => observability.setSamplingRatio(2)).toThrow(/from 0 to 1/);
  });

  test.each([
    ['always_off', false],
    ['always_on', true],
    ['parentbased_always_off', false],
  ])('OTEL_TRACES_SAMPLER=%s', (sampler, recording) => {
    const captured = captureObservability({ env: { OTEL_TRACES_SAMPLER: sampler } });
    expect(captured.observability.tracer.startSpan('s').isRecording()).toBe(recording);
  });
});

describe('a backend in trouble', () => {
  test('nothing listens: counted, said once, and shutdown is bounded', async () => {
    const closed = createServer().listen(0);
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const captured = captureObservability({
      traces: {
        exporter: 'otlp',
        endpoint: `http://127.0.0.1:${port}/v1/traces`,
        timeoutMillis: 200,
        batch: { scheduledDelayMillis: 1, maxExportBatchSize: 2 },
      },
    });
    const { tracer } = captured.observability;
    for (let i = 0; i < 10; i++) tracer.startSpan(`s${i}`).end();
    await expect
      .poll(() => captured.metrics(), { timeout: 10_000 })
      .toMatch(/throughline_spans_total\{result="failed"\S* 10\n/);
    const said = captured.logLines.filter((line) => line.code === 'OBS_EXPORT_FAILED');
    expect(said).toHaveLength(1);
    expect(said[0]?.message).toMatch(/^Spans cannot be sent to http:\S+\/v1\/traces: .*ECONNREFUSED/);
    tracer.startSpan('last').end();
    await captured.observability.shutdown({ timeoutMillis: 300 });
  });

  test('a backend that never answers: the queue is bounded, what it has no room for is counted', async () => {
    const hanging = createServer(() => {}).listen(0);
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const captured = captureObservability({
      traces: {
        exporter: 'otlp',
        endpoint: `http://127.0.0.1:${port}/v1/traces`,
        batch: { maxQueueSize: 100, maxExportBatchSize: 10, scheduledDelayMillis: 1 },
      },
    });
    for (let i = 0; i < 1_000; i++) captured.observability.tracer.startSpan('s').end();
    // 10 are in flight, 100 wait.
    expect(await captured.metrics()).toMatch(/throughline_spans_total\{result="dropped"\S* 890\n/);
    expect(captured.logLines.filter((line) => line.code === 'OBS_EXPORT_DROPPED')).toHaveLength(1);
    await captured.observability.shutdown({ timeoutMillis: 100 });
    hanging.closeAllConnections();
    hanging.close();
  });

  test('a backend that works: everything arrives as OTLP, spans and log records with one trace', async () => {
    const received: { url: string; headers: Record<string, unknown>; body: Buffer }[] = [];
    const backend = createServer(async (request, response) => {
      received.push({ url: String(request.url), headers: request.headers, body: await buffer(request) });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }).listen(0);
    await once(backend, 'listening');
    const endpoint = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
    const captured = captureObservability({
      serviceName: 'orders',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t',
        OTEL_LOGS_EXPORTER: 'otlp',
      },
      traces: { exporter: 'otlp' },
    });
    const { tracer, logger } = captured.observability;
    const traceId = tracer.startActiveSpan('op', (span) => {
      logger.error('went wrong', { order: 7, error: new TypeError('bad') });
      span.end();
      return span.spanContext().traceId;
    });
    await captured.observability.flush();
    const bodyOf = (path: string) => received.find(({ url }) => url === path)?.body ?? Buffer.from('{}');
    expect(received.find(({ url }) => url === '/v1/traces')?.headers['content-type']).toBe(
      'application/x-protobuf',
    );
    const [span] = decodeTraceRequest(bodyOf('/v1/traces'));
    expect(span).toMatchObject({ name: 'op', traceId });
    expect(span?.resource['service.name']).toEqual({ stringValue: 'orders' });
    const { resourceLogs } = otlpRequestAsJson('logs', bodyOf('/v1/logs')) as OtlpLogs;
    const record = resourceLogs[0]?.scopeLogs[0]?.logRecords.find((entry) => entry.traceId === traceId);
    expect(record).toMatchObject({
      severityText: 'error',
      severityNumber: 17,
      body: { stringValue: 'went wrong' },
    });
    expect(record?.attributes).toContainEqual({ key: 'exception.type', value: { stringValue: 'TypeError' } });
    expect(record?.attributes).toContainEqual({ key: 'order', value: { intValue: 7 } });
    expect(received[0]?.headers.authorization).toBe('Bearer t');
    // The exports themselves are neither traced nor measured.
    expect(await captured.metrics()).not.toMatch(/http_client_request_duration_seconds_count\{/);
    expect(await captured.metrics()).toMatch(/throughline_log_records_total\{result="exported"\S* [1-9]/);
    await captured.stop();
    backend.closeAllConnections();
    backend.close();
  });
});

describe('the end of the process', () => {
  let core: BuiltCore;
  beforeAll(async () => {
    core = await buildCore('entry-test');
  });
  afterAll(() => core.remove());

  const script = (body: string) => `
    const { initObservability } = await import('@throughline/core');
    const spans = [];
    const exporter = {
      export(batch, done) { setTimeout(() => { console.log('exported', batch.length); done({ code: 0 }); }, 50); },
      shutdown: async () => {},
    };
    const o = initObservability({ traces: { exporter }, metrics: { endpoint: { port: 0 } }, logs: { level: 'error' } });
    await o.ready;
    o.tracer.startSpan('s').end();
    ${body}`;
  const run = async (body: string, signal?: NodeJS.Signals) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(body)], {
      cwd: core.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (signal && output.includes('up\n')) child.kill(signal);
    });
    const [code, endedBy] = await once(child, 'exit');
    return { output, code, endedBy };
  };

  test('a process with nothing left to do sends what is waiting and exits by itself', async () => {
    const { output, code } = await run('');
    expect(output).toContain('exported 1');
    expect(code).toBe(0);
  });

  test('a process that ends does not wait for a backend in trouble: one try, and it says what it lost', async () => {
    const tries: string[] = [];
    const overloaded = createServer((request, response) => {
      tries.push(String(request.url));
      request.resume();
      response.writeHead(503).end();
    }).listen(0, '127.0.0.1');
    await once(overloaded, 'listening');
    const endpoint = `http://127.0.0.1:${(overloaded.address() as AddressInfo).port}`;
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { initObservability, logger, withSpan } = await import('@throughline/core');
        initObservability({ metrics: { endpoint: false }, logs: { destinations: ['stdout', 'otlp'] } });
        withSpan('lost', () => logger.info('lost'));`,
      ],
      {
        cwd: core.folder,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, THROUGHLINE_SDK_LINES: 'stdout' },
      },
    );
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const [code] = await once(child, 'close');
    overloaded.closeAllConnections();
    overloaded.close();
    expect(code).toBe(0);
    expect(tries.filter((path) => path === '/v1/traces')).toHaveLength(1);
    expect(output).toContain('"code":"OBS_EXPORT_FAILED"');
  });

  // Windows has no signals.
  test.skipIf(process.platform === 'win32')(
    'SIGTERM sends what is waiting, and the process ends by that signal',
    async () => {
      const { output, endedBy } = await run("setInterval(() => {}, 1000); console.log('up');", 'SIGTERM');
      expect(output).toContain('exported 1');
      expect(endedBy).toBe('SIGTERM');
    },
  );

  test.skipIf(process.platform === 'win32')(
    "a service's own handler stays in charge of the end",
    async () => {
      const { output, code } = await run(
        "setInterval(() => {}, 1000); process.on('SIGTERM', () => setTimeout(() => { console.log('closed'); process.exit(3); }, 300)); console.log('up');",
        'SIGTERM',
      );
      expect(output).toContain('exported 1');
      expect(output).toContain('closed');
      expect(code).toBe(3);
    },
  );
});
