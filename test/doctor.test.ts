import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Diagnosis, DiagnosisFinding } from '@throughline/core';
import { casesNamed, casesToRun } from '@throughline/testbed/cases';
import { collectorHint, startCollector } from '@throughline/testbed/collector';
import { jaegerHint, startJaeger } from '@throughline/testbed/jaeger';
import { startLoki } from '@throughline/testbed/loki';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { startTempo } from '@throughline/testbed/tempo';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { startVictoriaLogs, victoriaLogsHint } from '@throughline/testbed/victorialogs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { installPacked, runIn } from './packed.mjs';

/*
 * `throughline doctor` as a user has it, on services that are broken in one way each: it names that way, and no other.
 */
const processes = createProcesses();
const backends = await startBackends();
const hint = `there must be Jaeger (${jaegerHint}), VictoriaLogs (${victoriaLogsHint}) and a Collector (${collectorHint})`;
if (!backends && process.env.CI) throw new Error(hint);
if (!backends) console.log(`The test with Jaeger and VictoriaLogs is off: ${hint}.`);

const controlToken = 'doctor-doctor-doctor';
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  const traced = "require('@opentelemetry/api').trace.getTracer('team').startSpan('work').end();";
  ({ folder } = await installPacked([
    ...['express@5', 'ioredis@4', 'dd-trace@5', '@opentelemetry/api@1.9.1'],
    otherTeam('old-team', { '@opentelemetry/api': '1.8.0' }, traced),
    otherTeam('new-team', { '@opentelemetry/api': '1.10.0' }, traced),
    otherTeam('old-metrics', { 'prom-client': '11.5.3' }, "require('prom-client');"),
    otherTeam(
      'other-sdk',
      { '@opentelemetry/sdk-trace-node': '2.12.0' },
      "new (require('@opentelemetry/sdk-trace-node').NodeTracerProvider)().register();",
    ),
  ]));
  const start = (load: (name: string) => string) => `
    const observability = initObservability({
      plugins: [expressPlugin(), ...(process.env.LOAD === 'ioredis' ? [dbPlugin()] : [])],
      ...(process.env.BREACH ? { contract: { mode: process.env.BREACH, identity: { team: { required: true } } } } : {}),
    });
    ${load('process.env.LOAD')}
    const app = express();
    app.get('/', (request, response) => response.json({}));
    app.listen(0, () => console.log('the service listens'));`;
  writeFileSync(
    join(folder, 'service.cjs'),
    `const { initObservability } = require('@throughline/core');
    const { dbPlugin } = require('@throughline/db');
    const { expressPlugin } = require('@throughline/express');
    const express = require('express');
    ${start((name) => `if (${name}) require(${name});`)}`,
  );
  writeFileSync(
    join(folder, 'service.mjs'),
    `import { initObservability } from '@throughline/core';
    import { dbPlugin } from '@throughline/db';
    import { expressPlugin } from '@throughline/express';
    import express from 'express';
    ${start((name) => `if (${name}) await import(${name});`)}`,
  );
  intake = await startIntake();
}, 300_000);
afterAll(async () => {
  await intake?.stop();
  processes.killAll();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A package of another team, with its own versions inside, where an installer puts them. */
function otherTeam(name: string, dependencies: Record<string, string>, code: string): string {
  const source = join(temporaryFolder(), name);
  mkdirSync(source);
  const manifest = { name, version: '1.0.0', dependencies };
  writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(source, 'index.js'), code);
  return `${name}@file:${source}`;
}

interface Report extends Diagnosis {
  readonly subject: string;
  readonly arrivals: Readonly<Record<string, number>>;
}

async function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(folder, 'node_modules/.bin/throughline'), 'doctor', ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
      DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      ...environment,
    },
  });
  let out = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    problems += text;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode: exitCode as number, out, problems };
}

async function report(args: readonly string[], environment?: Record<string, string>) {
  const { exitCode, out, problems } = await doctor(['--json', ...args], environment);
  expect(out, problems).toMatch(/^\{/);
  return { exitCode, report: JSON.parse(out) as Report };
}

const codes = (findings: readonly DiagnosisFinding[]) =>
  findings.map(({ level, code }) => `${level} ${code}`);

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  stops.push(() => {
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function answering(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const endpoint = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });

describe('a broken set-up is named', () => {
  interface SetUp {
    readonly file: 'service.cjs' | 'service.mjs';
    readonly environment: () => Promise<Record<string, string>>;
    readonly finding: string;
    readonly message: RegExp;
    readonly fix?: RegExp;
    readonly exitCode?: number;
  }
  const setUps: Record<string, SetUp> = {
    'no backend': {
      file: 'service.mjs',
      environment: async () => endpoint(`http://127.0.0.1:${await freePort()}`),
      finding: 'error OBS_ENDPOINT_REFUSED',
      message:
        /\/v1\/traces has no listener \(ECONNREFUSED\): spans cannot leave.*OTEL_EXPORTER_OTLP_ENDPOINT/,
    },
    'wrong port, a web page answers': {
      file: 'service.cjs',
      environment: async () =>
        endpoint(
          await answering((request, response) => {
            request.resume();
            response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Grafana</body></html>');
          }),
        ),
      finding: 'error OBS_ENDPOINT_NOT_OTLP',
      message: /answers 200, but not with an OTLP response \(text\/html\)/,
    },
    'wrong port, another server answers': {
      file: 'service.cjs',
      environment: async () =>
        endpoint(
          await answering((request, response) => {
            request.resume();
            response.writeHead(404).end('404 page not found');
          }),
        ),
      finding: 'error OBS_ENDPOINT_NOT_OTLP',
      message:
        /is not an OTLP\/HTTP receiver: it does not have the path \/v1\/traces \(404: 404 page not found\)/,
    },
    'wrong port, that of gRPC': {
      file: 'service.mjs',
      environment: async () =>
        endpoint(
          // What an HTTP/2 server begins with: its settings.
          `http://127.0.0.1:${await listening(createTcpServer((socket) => socket.end(Buffer.from('000000040000000000', 'hex'))))}`,
        ),
      finding: 'error OBS_ENDPOINT_NOT_OTLP',
      message: /does not speak HTTP\/1\.1/,
    },
    'wrong path': {
      file: 'service.mjs',
      environment: async () => ({
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: await answering((request, response) => {
          request.resume();
          const isKnown = request.url === '/v1/traces';
          response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
        }),
      }),
      finding: 'error OBS_ENDPOINT_NOT_FOUND',
      message: /does not have the path \/ \(404: \{\}\).*OTEL_EXPORTER_OTLP_TRACES_ENDPOINT/,
      fix: /Use http:\/\/127\.0\.0\.1:\d+\/v1\/traces\. In OTEL_EXPORTER_OTLP_ENDPOINT use http:\/\/127\.0\.0\.1:\d+,/,
    },
    'TLS error': {
      file: 'service.cjs',
      environment: async () => {
        const server = https.createServer(selfSigned(), (_request, response) => response.end());
        return endpoint(`https://127.0.0.1:${await listening(server)}`);
      },
      finding: 'error OBS_ENDPOINT_TLS',
      message: /has a certificate that this service does not trust \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
      fix: /OTEL_EXPORTER_OTLP_CERTIFICATE/,
    },
    '401': {
      file: 'service.mjs',
      environment: async () => ({
        ...endpoint(
          await answering((request, response) => {
            request.resume();
            response.writeHead(request.headers.authorization === 'Bearer right' ? 200 : 401).end();
          }),
        ),
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20wrong-token-4711',
      }),
      finding: 'error OBS_ENDPOINT_UNAUTHORIZED',
      message: /refuses the credentials \(401\)/,
    },
    'an old copy of @opentelemetry/api': {
      file: 'service.mjs',
      environment: async () => ({ LOAD: 'old-team' }),
      finding: 'warning OBS_PACKAGE_TOO_OLD',
      message: /@opentelemetry\/api 1\.8\.0 in .*old-team.* is loaded/,
      fix: /npm ls @opentelemetry\/api/,
      exitCode: 0,
    },
    'an SDK that was first': {
      file: 'service.cjs',
      environment: async () => ({ NODE_OPTIONS: '--require other-sdk' }),
      finding: 'error OBS_SDK_ALREADY_REGISTERED',
      message: /Another OpenTelemetry SDK/,
      fix: /Start only one SDK/,
    },
    'an SDK that comes later': {
      file: 'service.cjs',
      environment: async () => ({ LOAD: 'other-sdk' }),
      finding: 'warning OBS_SDK_REGISTERED_LATER',
      message: /was started after Throughline/,
      fix: /pass its instrumentations to Throughline/,
      exitCode: 0,
    },
    'an agent in NODE_OPTIONS': {
      file: 'service.cjs',
      environment: async () => ({ NODE_OPTIONS: '--require dd-trace' }),
      finding: 'warning OBS_OTHER_AGENT',
      message: /dd-trace is also loaded in this process/,
      exitCode: 0,
    },
    'dd-trace is loaded': {
      file: 'service.cjs',
      environment: async () => ({ LOAD: 'dd-trace' }),
      finding: 'warning OBS_OTHER_AGENT',
      message: /dd-trace is also loaded in this process/,
      exitCode: 0,
    },
    'port in use': {
      file: 'service.cjs',
      environment: async () => ({
        OTEL_EXPORTER_PROMETHEUS_PORT: String(
          await listening(
            createServer((_request, response) => response.end('target_info{service_name="payments"} 1\n')),
            '::',
          ),
        ),
      }),
      finding: 'error OBS_METRICS_PORT_IN_USE',
      message:
        /Port \d+ is taken, so the metrics of this service are not served: .* The service 'payments' uses that port\./,
    },
    'contract breach that is an error': {
      file: 'service.cjs',
      environment: async () => ({ BREACH: 'error' }),
      finding: 'error OBS_CONTRACT_BREACHED',
      message: /does not meet its contract: team \(team\) is not set/,
    },
    'contract breach that is a warning': {
      file: 'service.mjs',
      environment: async () => ({ BREACH: 'warn' }),
      finding: 'error OBS_CONTRACT_BREACHED',
      message: /does not meet its contract: team \(team\) is not set/,
    },
    'unsupported version of a library': {
      file: 'service.mjs',
      environment: async () => ({ LOAD: 'ioredis' }),
      finding: 'error OBS_LIBRARY_UNSUPPORTED',
      message: /ioredis 4\.\S+ in .* is not recorded: db supports >=5\.0\.0 <7/,
      fix: /Install ioredis >=5\.0\.0 <7/,
    },
  };
  const setUpsToRun = casesNamed(Object.entries(setUps), ([name]) => name, [
    'no backend',
    'wrong port, a web page answers',
    'wrong path',
    'TLS error',
    '401',
    'an old copy of @opentelemetry/api',
    'an SDK that was first',
    'an agent in NODE_OPTIONS',
    'port in use',
    'contract breach that is an error',
    'unsupported version of a library',
  ]);
  test.each(setUpsToRun)('%s', async (_name, { file: service, environment, ...expected }) => {
    const { exitCode, report: found } = await report(['--', 'node', service], await environment());
    expect(codes(found.findings), JSON.stringify(found.findings, null, 2)).toEqual([expected.finding]);
    const [finding] = found.findings;
    expect(finding?.message).toMatch(expected.message);
    if (expected.fix) expect(finding?.fix).toMatch(expected.fix);
    expect(finding?.cause).toBeTruthy();
    expect(finding?.help).toBe(`npx throughline explain ${finding?.code}`);
    expect(exitCode).toBe(expected.exitCode ?? 1);
    expect(found.ok).toBe(exitCode === 0);
    expect(JSON.stringify(found)).not.toContain('wrong-token-4711');
  });
});

test('what a service cannot start with is named too', async () => {
  writeFileSync(
    join(folder, 'misspelled.mjs'),
    "import { initObservability } from '@throughline/core'; initObservability({ serviceNmae: 'orders' });",
  );
  writeFileSync(join(folder, 'crash.cjs'), "console.error('no database at db:5432'); process.exit(3);");
  writeFileSync(join(folder, 'bare.cjs'), "require('node:http').createServer().listen(0);");
  expect(codes((await report(['--', 'node', 'misspelled.mjs'])).report.findings)).toEqual([
    'error OBS_OPTION_UNKNOWN',
  ]);
  const [crash] = (await report(['--', 'node', 'crash.cjs'])).report.findings;
  expect(crash?.code).toBe('OBS_SERVICE_ENDED');
  expect(crash?.message).toMatch(/exit code 3[\s\S]*no database at db:5432/);
  const [bare] = (await report(['--', 'node', 'bare.cjs'])).report.findings;
  expect(bare).toMatchObject({ code: 'OBS_NOT_STARTED', message: expect.stringContaining('bare.cjs') });
});

describe('a healthy service', () => {
  test.each(['service.cjs', 'service.mjs'])('%s: nothing is found, and it is all there', async (file) => {
    const spansBefore = intake.spansOf('orders').length;
    const { exitCode, report: found } = await report(['--', 'node', file], {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret-4711',
      OTEL_RESOURCE_ATTRIBUTES: 'team=checkout',
      THROUGHLINE_CONTROL_TOKEN: controlToken,
    });
    expect(found.findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(found.node.version).toBe(process.versions.node);
    expect(found.identity).toEqual({ service_name: 'orders', service_version: '4.5.6', team: 'checkout' });
    expect(found.backends).toMatchObject([
      { signal: 'traces', endpoint: `${intake.url}/v1/traces`, isTaken: true, status: 200 },
    ]);
    expect(found.scrape).toMatchObject({ status: 200 });
    expect(found.scrape?.series).toBeGreaterThan(20);
    expect(found.libraries).toContainEqual(
      expect.objectContaining({ name: 'express', isRecorded: true, by: ['express'] }),
    );
    const sourceOf = (name: string) => found.options.find((option) => option.name === name);
    expect(sourceOf('team')).toMatchObject({ value: 'checkout', source: 'resource attributes' });
    expect(sourceOf('serviceName')).toMatchObject({ value: 'orders', source: 'package.json' });
    expect(sourceOf('plugins')).toMatchObject({ value: ['express'], source: 'code' });
    expect(sourceOf('traces.samplingRatio')).toMatchObject({ value: 1, source: 'default' });
    expect(sourceOf('traces.headers')).toMatchObject({
      value: { authorization: 'REDACTED' },
      source: 'environment OTEL_EXPORTER_OTLP_HEADERS',
    });
    expect(JSON.stringify(found)).not.toMatch(/secret-4711|doctor-doctor/);
    // The test span arrived, and what the diagnosis did is not in the telemetry of the service.
    const spans = intake.spansOf('orders').slice(spansBefore);
    expect(spans).toMatchObject([{ name: 'throughline doctor', traceId: found.testTraceId }]);
  });

  test('with a newer copy of the OpenTelemetry API, whose spans arrive', async () => {
    const { exitCode, report: found } = await report(['--', 'node', 'service.cjs'], { LOAD: 'new-team' });
    expect(codes(found.findings)).toEqual([]);
    const api = found.packages.find(({ name }) => name === '@opentelemetry/api');
    expect(api?.copies.map(({ version }) => version)).toEqual(expect.arrayContaining(['1.10.0', '1.9.1']));
    expect(exitCode).toBe(0);
  });

  test('a backend with a certificate of its own, which the environment names', async () => {
    const { key, cert, file } = selfSigned();
    const server = https.createServer({ key, cert }, (request, response) => {
      request.resume();
      response.end();
    });
    const { report: found } = await report(['--', 'node', 'service.cjs'], {
      ...endpoint(`https://127.0.0.1:${await listening(server)}`),
      OTEL_EXPORTER_OTLP_CERTIFICATE: file,
    });
    expect(found.findings).toEqual([]);
    expect(found.backends).toMatchObject([{ isTaken: true, status: 200 }]);
  });

  test('the text says so in a few lines, and npm start is as good as node', async () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    manifest.scripts = { start: 'node service.mjs' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const { exitCode, out, problems } = await doctor(['--', 'npm', 'start']);
    expect(out, problems).toMatch(/Recorded +express 5\.\S+ by express\n/);
    expect(out).toMatch(/✓ orders: telemetry works\.\n$/);
    expect(exitCode).toBe(0);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});

describe('a running service', () => {
  let service: ChildProcess;
  let address: string;
  const start = async (environment: Record<string, string> = {}) => {
    const port = await freePort();
    address = `http://localhost:${port}`;
    service = spawn(process.execPath, ['service.mjs'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        ...environment,
      },
    });
    stops.push(async () => {
      service.kill();
      await once(service, 'exit');
    });
    await expect
      .poll(() =>
        fetch(`${address}/metrics`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  };

  test('tells all to who has its token', async () => {
    await start({ THROUGHLINE_CONTROL_TOKEN: controlToken });
    const { exitCode, report: found } = await report(['--attach', address], {
      THROUGHLINE_CONTROL_TOKEN: controlToken,
    });
    expect(found.findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(found.backends).toMatchObject([{ signal: 'traces', isTaken: true }]);
    expect(found.node.pid).toBe(service.pid);
    expect(found.options.find(({ name }) => name === 'control.token')?.value).toBe('REDACTED');
  });

  test('tells others what /metrics and the health checks tell', async () => {
    await start({ THROUGHLINE_CONTROL_TOKEN: controlToken, BREACH: 'warn' });
    for (const environment of [{}, { THROUGHLINE_CONTROL_TOKEN: 'another-token-4711' }]) {
      const { exitCode, report: found } = await report(['--attach', address], environment);
      expect(codes(found.findings)).toEqual(['error OBS_CONTRACT_BREACHED', 'info OBS_DETAILS_HIDDEN']);
      expect(found.options).toBeUndefined();
      expect(found.scrape).toMatchObject({ status: 200 });
      expect(exitCode).toBe(1);
    }
  });

  test('is checked against a contract of the command line', async () => {
    await start();
    writeFileSync(
      join(folder, 'contract.mjs'),
      "export default { mode: 'error', identity: { team: { required: true } } };",
    );
    const { exitCode, report: found } = await report(['--attach', address, '--contract', './contract.mjs']);
    expect(codes(found.findings)).toContain('error OBS_CONTRACT_BREACHED');
    expect(exitCode).toBe(1);
  });

  test('that is not there', async () => {
    const { exitCode, report: found } = await report(['--attach', `localhost:${await freePort()}`]);
    expect(codes(found.findings)).toEqual(['error OBS_SERVICE_UNREACHABLE']);
    expect(exitCode).toBe(1);
  });
});

test('a folder: what is installed, and what environment and versions say', async () => {
  const { exitCode, report: found } = await report([], { OTEL_TRACES_SAMPLER_ARG: '2' });
  expect(codes(found.findings).sort()).toEqual([
    'error OBS_LIBRARY_UNSUPPORTED',
    'info OBS_OTHER_AGENT',
    'warning OBS_ENVIRONMENT_INVALID',
    'warning OBS_PACKAGE_TOO_OLD',
    'warning OBS_PACKAGE_TOO_OLD',
  ]);
  const tooOld = found.findings.filter(({ code }) => code === 'OBS_PACKAGE_TOO_OLD');
  for (const [name, fix] of [
    ['@opentelemetry/api 1.8.0', 'npm ls @opentelemetry/api'],
    ['prom-client 11.5.3', 'prom-client'],
  ])
    expect(tooOld).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining(`${name}`),
        fix: expect.stringContaining(`${fix}`),
      }),
    );
  expect(exitCode).toBe(1);
  const api = found.packages.find(({ name }) => name === '@opentelemetry/api');
  // The old copy is named beside those that the other packages brought.
  expect(api?.copies.map(({ version }) => version)).toEqual(
    expect.arrayContaining(['1.8.0', expect.stringMatching(/^1\.(9|1\d)\./)]),
  );
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, 'package.json'), '{}');
  const cli = join(folder, 'node_modules/.bin/throughline');
  await expect(runIn(elsewhere, process.execPath, [cli, 'doctor'])).rejects.toThrow('OBS_NOT_INSTALLED');
});

describe.skipIf(!backends)('with a Collector and backends of traces and logs', () => {
  const environment = { OTEL_LOGS_EXPORTER: 'otlp' };
  const { tempo, loki } = backends ?? {};
  const queries = [
    ...['--jaeger', `${backends?.jaeger.url}`, '--victorialogs', `${backends?.victoriaLogs.url}`],
    // Real ones, where there are any.
    ...(tempo ? ['--tempo', tempo.url] : []),
    ...(loki ? ['--loki', loki.url] : []),
  ];

  test('the test span and the test line are read back', async () => {
    const { exitCode, report: found } = await report([...queries, '--', 'node', 'service.mjs'], {
      ...environment,
      ...endpoint(`${backends?.otlpUrl}`),
    });
    expect(found.findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(found.backends.map(({ signal, isTaken }) => `${signal} ${isTaken}`)).toEqual([
      'traces true',
      'logs true',
    ]);
    expect(found.arrivals).toEqual({
      jaegerMillis: expect.any(Number),
      victoriaLogsMillis: expect.any(Number),
      ...(tempo && { tempoMillis: expect.any(Number) }),
      ...(loki && { lokiMillis: expect.any(Number) }),
    });
  });

  test('what is taken and goes nowhere is found out', async () => {
    const { exitCode, report: found } = await report(
      [...queries, '--limit', '2', '--', 'node', 'service.cjs'],
      environment,
    );
    expect(new Set(codes(found.findings))).toEqual(
      new Set(['error OBS_SPAN_NOT_FOUND', 'error OBS_LINE_NOT_FOUND']),
    );
    expect(exitCode).toBe(1);
  });

  const backendOptions = [
    ['--tempo', '--loki'],
    ['--jaeger', '--victorialogs'],
  ] as const;
  test.each(casesToRun(backendOptions, ([traces]) => traces === '--tempo'))(
    'addresses that answer something else: %s, %s',
    async (traces, logs) => {
      const { report: found } = await report(
        [traces, intake.url, logs, `${backends?.otlpUrl}`, '--', 'node', 'service.cjs'],
        { ...environment, ...endpoint(`${backends?.otlpUrl}`) },
      );
      expect(codes(found.findings)).toEqual(['error OBS_QUERY_FAILED', 'error OBS_QUERY_FAILED']);
    },
  );
});

function selfSigned(): { key: string; cert: string; file: string } {
  const files = temporaryFolder();
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const outputs = ['-keyout', join(files, 'key.pem'), '-out', join(files, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...outputs], { stdio: 'ignore' });
  return {
    key: readFileSync(join(files, 'key.pem'), 'utf8'),
    cert: readFileSync(join(files, 'cert.pem'), 'utf8'),
    file: join(files, 'cert.pem'),
  };
}

/** A Collector that sends spans to Jaeger and log records to VictoriaLogs; to Tempo and Loki too, where there are any. */
async function startBackends() {
  const options = { processes, folder: temporaryFolder() };
  const jaeger = await startJaeger(options);
  const victoriaLogs = await startVictoriaLogs(options);
  if (!jaeger || !victoriaLogs) return undefined;
  const tempo = await startTempo(options);
  const loki = await startLoki(options);
  const config = ({ otlpPort }: { otlpPort: number }) => {
    const exporters = {
      traces: { jaeger: jaeger.otlpUrl, ...(tempo && { tempo: tempo.otlpUrl }) },
      logs: { victorialogs: victoriaLogs.otlpUrl, ...(loki && { loki: `${loki.url}/otlp` }) },
    };
    const names = (of: object) => Object.keys(of).map((name) => `otlphttp/${name}`);
    return {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
      exporters: Object.fromEntries(
        Object.entries({ ...exporters.traces, ...exporters.logs }).map(([name, url]) => [
          `otlphttp/${name}`,
          { endpoint: url },
        ]),
      ),
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: {
          traces: { receivers: ['otlp'], exporters: names(exporters.traces) },
          logs: { receivers: ['otlp'], exporters: names(exporters.logs) },
        },
      },
    };
  };
  const collector = await startCollector({ ...options, config });
  return collector && { jaeger, victoriaLogs, tempo, loki, ...collector };
}
