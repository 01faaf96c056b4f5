import { once } from 'node:events';
import http from 'node:http';
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import net, { type AddressInfo, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { sendBlocking } from '../../export/blocking-send.js';
import { createGrpcTransport, type GrpcTransportOptions, grpcFrame, grpcMethods } from './grpc-transport.js';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Answer = (stream: ServerHttp2Stream, count: number) => void;

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function intake(answer: Answer) {
  const calls: Call[] = [];
  const server = http2.createServer();
  let connectionCount = 0;
  server.on('session', (session) => {
    connectionCount++;
    stops.push(() => session.destroy());
  });
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    calls.push({ headers, body: await buffer(stream) });
    answer(stream, calls.length);
  });
  return { endpoint: await listening(server), calls, connections: () => connectionCount };
}

/** Status in the trailers, after a message. */
const ends =
  (status: number, message = Buffer.alloc(0), trailers = {}): Answer =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status), ...trailers }));
    stream.end(grpcFrame(message, false));
  };
const accepts = ends(0);

function transport(endpoint: string, options: Partial<GrpcTransportOptions> = {}) {
  const created = createGrpcTransport({
    endpoint,
    method: grpcMethods.traces,
    compression: 'none',
    timeoutMillis: 5_000,
    tls: {},
    userAgent: 'test/1',
    ...options,
  });
  stops.push(() => created.cut());
  return created;
}

const chunk = { body: Buffer.from('spans'), spanCount: 3 };

test('a chunk arrives as one message of the method, with the headers of the options, on a connection that stays', async () => {
  const backend = await intake(accepts);
  const sender = transport(backend.endpoint, { headers: { Authorization: 'Bearer secret' } });
  expect(await sender.send(chunk)).toEqual({ status: 'accepted', rejectedCount: 0, message: undefined });
  await sender.send(chunk);
  expect(backend.connections()).toBe(1);
  expect(backend.calls[0]?.body).toEqual(Buffer.from('\0\0\0\0\x05spans'));
  expect(backend.calls[0]?.headers).toMatchObject({
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    authorization: 'Bearer secret',
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'test/1',
    'grpc-timeout': expect.stringMatching(/^\d{4}m$/),
  });
});

test('compression is gzip, and said in the headers and in the message', async () => {
  const backend = await intake(accepts);
  await transport(backend.endpoint, { compression: 'gzip' }).send(chunk);
  const [call] = backend.calls;
  expect(call?.headers['grpc-encoding']).toBe('gzip');
  expect(call?.body[0]).toBe(1);
  expect(gunzipSync(call?.body.subarray(5) as Buffer).toString()).toBe('spans');
});

test('what an intake rejects of a request that it accepts is told', async () => {
  // partial_success { rejected_spans: 2, error_message: "too old" }
  const message = Buffer.from([0x0a, 11, 0x08, 2, 0x12, 7, ...Buffer.from('too old')]);
  const backend = await intake(ends(0, message));
  expect(await transport(backend.endpoint).send(chunk)).toEqual({
    status: 'accepted',
    rejectedCount: 2,
    message: 'too old',
  });
});

/** google.rpc.Status with a RetryInfo of so many seconds. */
function retryInfo(seconds: number): string {
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const delay = field(1, Buffer.from([0x08, seconds]));
  const type = field(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo'));
  return field(3, Buffer.concat([type, field(2, delay)])).toString('base64');
}

for (const status of [1, 4, 8, 10, 11, 14, 15]) {
  test(`status ${status} is tried again after the time that RetryInfo asks for`, async () => {
    const refuses = ends(status, undefined, { 'grpc-status-details-bin': retryInfo(0) });
    const backend = await intake((stream, count) => (count < 3 ? refuses : accepts)(stream, count));
    expect(await transport(backend.endpoint).send(chunk)).toMatchObject({ status: 'accepted' });
    expect(backend.calls).toHaveLength(3);
  });
}

for (const [status, name] of [
  [2, 'UNKNOWN'],
  [3, 'INVALID_ARGUMENT'],
  [7, 'PERMISSION_DENIED'],
  [8, 'RESOURCE_EXHAUSTED'],
  [12, 'UNIMPLEMENTED'],
  [16, 'UNAUTHENTICATED'],
  [99, 'status 99'],
] as const) {
  test(`status ${status} is final, and says why`, async () => {
    const backend = await intake(ends(status, undefined, { 'grpc-message': 'the%20reason' }));
    const result = await transport(backend.endpoint).send(chunk);
    expect(String((result as { error: Error }).error)).toBe(`Error: the intake answered ${name}: the reason`);
    expect(backend.calls).toHaveLength(1);
  });
}

test('a status in the headers alone counts, and a delay beyond the deadline is told at once', async () => {
  const backend = await intake((stream) =>
    stream.respond(
      { ':status': 200, 'grpc-status': '14', 'grpc-status-details-bin': retryInfo(120) },
      { endStream: true },
    ),
  );
  expect(await transport(backend.endpoint).send(chunk)).toMatchObject({
    status: 'failed',
    retryInMillis: 120_000,
  });
});

test('an answer without a gRPC status, from a proxy, says so', async () => {
  const backend = await intake((stream) => stream.respond({ ':status': 404 }, { endStream: true }));
  const result = await transport(backend.endpoint).send(chunk);
  expect(String((result as { error: Error }).error)).toContain('HTTP 404 without a gRPC status');
});

test('a server that speaks HTTP/1.1, or something else, is named as such', async () => {
  for (const server of [
    http.createServer((_request, response) => response.end()),
    net.createServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n')),
  ]) {
    const result = await transport(await listening(server), { timeoutMillis: 500 }).send(chunk);
    expect(String((result as { error: Error }).error)).toContain('does not speak gRPC');
  }
});

test('nobody who listens is a failure that can be told from others', async () => {
  const result = await transport('http://127.0.0.1:1', { timeoutMillis: 50 }).send(chunk);
  expect(result).toMatchObject({ status: 'failed', error: { code: 'ECONNREFUSED' } });
});

test('a connection that the intake closes is opened again', async () => {
  const backend = await intake((stream, count) => {
    accepts(stream, count);
    if (count === 1) stream.on('close', () => stream.session?.close());
  });
  const sender = transport(backend.endpoint);
  expect(await sender.send(chunk)).toMatchObject({ status: 'accepted' });
  expect(await sender.send(chunk)).toMatchObject({ status: 'accepted' });
  expect(backend.calls).toHaveLength(2);
});

test('an intake that never answers is ended by the deadline, at the end of the process, and by abandoning', async () => {
  const backend = await intake(() => {});
  const late = await transport(backend.endpoint, { timeoutMillis: 100 }).send(chunk);
  expect(String((late as { error: Error }).error)).toContain('no answer');
  const hurried = transport(backend.endpoint);
  const sending = hurried.send(chunk);
  await expect.poll(() => backend.calls.length).toBe(2);
  hurried.hurry(20);
  expect(await sending).toMatchObject({ status: 'failed', error: { message: 'no answer before the end' } });
  const abandoned = transport(backend.endpoint);
  const waiting = abandoned.send(chunk);
  await expect.poll(() => backend.calls.length).toBe(3);
  abandoned.abandon();
  expect(await waiting).toMatchObject({ status: 'failed' });
});

test('an endless answer is not read to its end', async () => {
  const backend = await intake((stream) => {
    stream.respond({ ':status': 200 });
    const more = () => {
      while (!stream.destroyed && stream.write(Buffer.alloc(65_536)));
    };
    stream.on('drain', more);
    more();
  });
  expect(await transport(backend.endpoint).send(chunk)).toMatchObject({ status: 'failed' });
});

test('what is left when the process ends is sent while it stands still', async () => {
  // In a thread of its own: this one stands still.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:http2').createServer();
     server.on('stream', (stream, headers) => {
       const status = headers[':path'] === '/ok' ? '0' : '7';
       stream.respond({ ':status': 200 }, { waitForTrailers: true });
       stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
       stream.resume();
       stream.on('end', () => stream.end());
     });
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  const [port] = await once(worker, 'message');
  const request = (path: string) => ({
    url: `http://127.0.0.1:${port}`,
    isGrpc: true,
    tls: {},
    headers: { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    body: grpcFrame(chunk.body, false),
  });
  expect(sendBlocking([request('/ok'), request('/refused')], 5_000)).toEqual(['taken', 'refused']);
  await worker.terminate();
});
