import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked } from './packed.mjs';

/*
 * The HTTP clients that services use, as they are installed from npm: each call is one client span below its
 * caller, carries that span to the server, and is measured once. All of them are imported before init.
 */
const calls: Record<string, string> = {
  fetch: "await (await fetch(url('fetch'))).text()",
  axios: "await axios.get(url('axios'))",
  got: "await got(url('got'))",
  'node-fetch': "await (await nodeFetch(url('node-fetch'))).text()",
  'undici request': "await (await undici.request(url('undici-request'))).body.text()",
  'undici stream':
    "await undici.stream(url('undici-stream'), { method: 'GET' }, () => new Writable({ write: (c, e, next) => next() }))",
  'http.request':
    "await new Promise((resolve) => httpRequest(url('http-request'), (r) => r.resume().on('end', resolve)).end())",
  'undici WebSocket': "await opened(new undici.WebSocket(webSocketUrl('undici-websocket')))",
  'earlier-undici WebSocket':
    "await opened(new earlierUndici.WebSocket(webSocketUrl('earlier-undici-websocket')))",
  ...('WebSocket' in globalThis
    ? { 'global WebSocket': "await opened(new WebSocket(webSocketUrl('global-websocket')))" }
    : {}),
  S3: `await new S3Client({ endpoint: url(''), region: 'eu-west-1', forcePathStyle: true, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
    .send(new GetObjectCommand({ Bucket: 'bucket', Key: 's3' })).then((o) => o.Body.transformToString())`,
};

interface WebSocketOfServer {
  on(event: 'message', listener: (message: unknown) => void): void;
  send(message: unknown): void;
}

/** Calls that fail, with the `error.type` of each. The port 1 refuses. */
const failures: Record<string, readonly [errorType: string, call: string]> = {
  'got refused': ['ECONNREFUSED', "await got('http://127.0.0.1:1/', { retry: { limit: 0 } })"],
  'got hang-up': ['ECONNRESET', "await got(url('hang-up'), { retry: { limit: 0 } })"],
  'got missing': ['404', "await got(url('missing'), { retry: { limit: 0 } })"],
  'node-fetch refused': ['ECONNREFUSED', "await nodeFetch('http://127.0.0.1:1/')"],
  'node-fetch hang-up': ['ECONNRESET', "await nodeFetch(url('hang-up'))"],
  'node-fetch missing': ['404', "await (await nodeFetch(url('missing'))).text()"],
};

const webSocketCalls = Object.keys(calls).filter((name) => name.endsWith('WebSocket'));
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;
const received = new Map<string, string | undefined>();
const server = createServer((request, response) => {
  const name = new URL(request.url ?? '/', 'http://x').pathname.split('/').at(-1) ?? '';
  received.set(name, request.headers.traceparent as string | undefined);
  if (name === 'hang-up') request.socket.destroy();
  else response.writeHead(name === 'missing' ? 404 : 200).end('ok');
});
let metrics = '';
let port: number;

beforeAll(async () => {
  intake = await startIntake();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  ({ folder } = await installPacked([
    'axios@1',
    'got@14',
    'node-fetch@3',
    'undici@7',
    // It publishes nothing about upgrades.
    'earlier-undici@npm:undici@6.21.3',
    'ws@8',
    '@aws-sdk/client-s3@3',
  ]));
  const { WebSocketServer } = createRequire(join(folder, 'calls.mjs'))('ws');
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    received.set((request.url ?? '').slice(1), request.headers.traceparent as string | undefined);
    webSockets.handleUpgrade(request, socket, head, (client: WebSocketOfServer) =>
      client.on('message', (message) => client.send(message)),
    );
  });
  const steps = Object.entries(calls).map(
    ([name, call]) => `await withSpan(${JSON.stringify(name)}, async () => { ${call}; });`,
  );
  const failing = Object.entries(failures).map(
    ([name, [, call]]) =>
      `await withSpan(${JSON.stringify(name)}, async () => { ${call}; }).catch(() => {});`,
  );
  writeFileSync(
    join(folder, 'calls.mjs'),
    `import { Writable } from 'node:stream';
    import { request as httpRequest } from 'node:http';
    import axios from 'axios';
    import got from 'got';
    import nodeFetch from 'node-fetch';
    import * as undici from 'undici';
    import * as earlierUndici from 'earlier-undici';
    import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
    import { initObservability, withSpan } from '@throughline/core';
    const url = (path) => 'http://127.0.0.1:${port}/' + path;
    const webSocketUrl = (path) => 'ws://127.0.0.1:${port}/' + path;
    const opened = (socket) => new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('hello');
      socket.onmessage = () => socket.close(1000);
      socket.onclose = resolve;
      socket.onerror = ({ error }) => reject(error);
    });
    const observability = initObservability({ serviceName: 'calls', metrics: { endpoint: false } });
    ${steps.join('\n')}
    ${failing.join('\n')}
    await observability.flush();
    console.log((await observability.metrics.render()).body);
    process.exit(0);`,
  );
  const child = spawn(process.execPath, ['calls.mjs'], {
    cwd: folder,
    env: { PATH: process.env.PATH, OTEL_EXPORTER_OTLP_ENDPOINT: intake.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk) => {
    metrics += chunk;
  });
  await once(child, 'close');
}, 300_000);

afterAll(() => {
  intake.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(Object.keys(calls))('%s carries the trace', (name) => {
  const spans = intake.spansOf('calls');
  const caller = spans.find((span) => span.name === name);
  const below = spans.filter((span) => span.parentSpanId === caller?.spanId);
  expect(below.map((span) => span.kind)).toEqual([3]);
  const path = name.toLowerCase().replace(' ', '-').replace('http.request', 'http-request');
  // The AWS SDK has a span of its own around the request.
  let last = below[0];
  for (let next = last; next; next = spans.find((span) => span.parentSpanId === last?.spanId)) last = next;
  expect(received.get(path)).toBe(`00-${caller?.traceId}-${last?.spanId}-03`);
});

test('the handshake of a WebSocket is a client call that ends with status 101, without an error', () => {
  const spans = intake.spansOf('calls');
  for (const name of webSocketCalls) {
    const caller = spans.find((span) => span.name === name);
    const handshake = spans.find((span) => span.parentSpanId === caller?.spanId);
    expect(handshake?.attributes, name).toMatchObject({ 'http.response.status_code': 101 });
    expect(handshake?.attributes, name).not.toHaveProperty('error.type');
  }
});

test.each(Object.entries(failures))('%s: span and metric name the same error', (name, [errorType]) => {
  const spans = intake.spansOf('calls');
  const caller = spans.find((span) => span.name === name);
  const below = spans.filter((span) => span.parentSpanId === caller?.spanId);
  expect(below.map(({ attributes }) => attributes['error.type'])).toEqual([errorType]);
  const count = Object.values(failures).filter(([type]) => type === errorType).length;
  const counts = [...metrics.matchAll(/^http_client_request_duration_seconds_count\{([^}]*)\} (\d+)$/gm)];
  const ofType = counts.filter(([, labels]) => labels?.includes(`error_type="${errorType}"`));
  expect(ofType.map(([, , value]) => Number(value))).toEqual([count]);
});

test('every call is measured, once', () => {
  const measured = (status: number, count: number) =>
    new RegExp(
      `http_client_request_duration_seconds_count\\{http_request_method="GET",server_address="127.0.0.1",server_port="${port}",http_response_status_code="${status}"[^}]*\\} ${count}\n`,
    );
  expect(metrics).toMatch(measured(200, Object.keys(calls).length - webSocketCalls.length));
  expect(metrics).toMatch(measured(101, webSocketCalls.length));
});
