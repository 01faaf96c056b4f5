import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { createHttpTransport, type HttpTransportOptions } from './http-transport.js';
import type { OtlpTransport } from './otlp-transport.js';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Intake {
  readonly endpoint: string;
  readonly requests: { readonly headers: http.IncomingHttpHeaders; readonly body: Buffer }[];
  readonly connectionCount: () => number;
}

async function intake(answer: (response: ServerResponse, count: number) => void): Promise<Intake> {
  const requests: Intake['requests'] = [];
  let connections = 0;
  const server = http.createServer(async (request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    requests.push({ headers: request.headers, body: Buffer.concat(parts) });
    answer(response, requests.length);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/v1/traces`, requests, connectionCount: () => connections };
}

function transport(endpoint: string, options: Partial<HttpTransportOptions> = {}): OtlpTransport {
  const agent = new http.Agent({ keepAlive: true });
  stops.push(() => agent.destroy());
  return createHttpTransport({
    endpoint,
    compression: 'none',
    timeoutMillis: 5_000,
    createAgent: async () => agent,
    userAgent: 'test/1',
    ...options,
  });
}

const chunk = { body: Buffer.from('spans'), spanCount: 3 };

test('a chunk arrives as it is, with the headers of the options, on a connection that stays', async () => {
  const backend = await intake((response) => response.end());
  const sender = transport(backend.endpoint, { headers: { authorization: 'Bearer secret' } });
  expect(await sender.send(chunk)).toEqual({ status: 'accepted', rejectedCount: 0, message: undefined });
  await sender.send(chunk);
  expect(backend.connectionCount()).toBe(1);
  expect(backend.requests[0]?.body.toString()).toBe('spans');
  expect(backend.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer secret',
    'content-type': 'application/x-protobuf',
    'content-length': '5',
    'user-agent': 'test/1',
  });
});

test('an intake that answers before it has all of a chunk is said to be still reading', async () => {
  const connections: net.Socket[] = [];
  const server = net.createServer((connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.once('data', () => {
      connection.pause();
      connection.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.close();
    for (const connection of connections) connection.destroy();
  });
  const { port } = server.address() as AddressInfo;
  // More than the buffers of a connection take.
  const body = Buffer.alloc(64 * 1_048_576, 1);
  const result = await transport(`http://127.0.0.1:${port}/v1/traces`).send({ body, spanCount: 1 });
  expect(result).toMatchObject({ status: 'accepted', isStillRead: true });
});

test('compression is gzip', async () => {
  const backend = await intake((response) => response.end());
  await transport(backend.endpoint, { compression: 'gzip' }).send(chunk);
  expect(backend.requests[0]?.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(backend.requests[0]?.body as Buffer).toString()).toBe('spans');
});

test('what an intake rejects of a request that it accepts is told, from protobuf and from JSON', async () => {
  // partial_success { rejected_spans: 2, error_message: "too old" }
  const message = Buffer.from([0x0a, 11, 0x08, 2, 0x12, 7, ...Buffer.from('too old')]);
  const backend = await intake((response, count) => {
    if (count === 1) response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(message);
    else if (count === 2) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}');
    } else response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(message.subarray(0, 5));
  });
  const sender = transport(backend.endpoint);
  const partial = { status: 'accepted', rejectedCount: 2, message: 'too old' };
  expect(await sender.send(chunk)).toEqual(partial);
  expect(await sender.send(chunk)).toEqual(partial);
  expect(await sender.send(chunk)).toMatchObject({ status: 'accepted', rejectedCount: 0 });
});

for (const status of [429, 502, 503, 504]) {
  test(`${status} is tried again after the time that Retry-After asks for`, async () => {
    const backend = await intake((response, count) => {
      if (count < 3) response.writeHead(status, { 'retry-after': '0' }).end();
      else response.end();
    });
    expect(await transport(backend.endpoint).send(chunk)).toMatchObject({ status: 'accepted' });
    expect(backend.requests).toHaveLength(3);
  });
}

for (const status of [400, 401, 404, 500]) {
  test(`${status} is final, and says why`, async () => {
    const backend = await intake((response) =>
      response.writeHead(status, { 'content-type': 'text/plain' }).end('the reason\n'),
    );
    const result = await transport(backend.endpoint).send(chunk);
    expect(result).toMatchObject({ status: 'failed' });
    expect(String((result as { error: Error }).error)).toMatch(new RegExp(`${status} .*: the reason$`));
    expect(backend.requests).toHaveLength(1);
  });
}

test('a Retry-After beyond the deadline ends the export at once, and is told', async () => {
  const backend = await intake((response) => response.writeHead(503, { 'retry-after': '3600' }).end());
  const result = await transport(backend.endpoint).send(chunk);
  expect(result).toMatchObject({ status: 'failed', retryInMillis: 3_600_000 });
});

test('a redirect is not followed', async () => {
  const other = await intake((response) => response.end());
  const backend = await intake((response) => response.writeHead(307, { location: other.endpoint }).end());
  const result = await transport(backend.endpoint).send(chunk);
  expect(String((result as { error: Error }).error)).toContain('307');
  expect(other.requests).toHaveLength(0);
});

test('nobody who listens is a failure that can be told from others', async () => {
  const result = await transport('http://127.0.0.1:1/v1/traces', { timeoutMillis: 50 }).send(chunk);
  expect(result).toMatchObject({ status: 'failed', error: { code: 'ECONNREFUSED' } });
});

test('a backend that drips its answer is ended by the deadline', async () => {
  const backend = await intake((response) => {
    response.writeHead(503);
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const result = await transport(backend.endpoint, { timeoutMillis: 100 }).send(chunk);
  expect(result).toMatchObject({ status: 'failed' });
});

test('a backend that drips its headers, or never answers, is ended by the deadline', async () => {
  const server = net.createServer((socket) => {
    const timer = setInterval(() => socket.write('H'), 10);
    socket.on('close', () => clearInterval(timer)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const sender = transport(`http://127.0.0.1:${port}`, { timeoutMillis: 100 });
  expect(await sender.send(chunk)).toMatchObject({ status: 'failed' });
  const silent = await intake(() => {});
  const result = await transport(silent.endpoint, { timeoutMillis: 100 }).send(chunk);
  expect(String((result as { error: Error }).error)).toContain('no answer');
});

test('an accepted request is accepted, however its answer ends', async () => {
  const backend = await intake((response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('x');
    setImmediate(() => response.destroy());
  });
  expect(await transport(backend.endpoint).send(chunk)).toMatchObject({ status: 'accepted' });
});

test('an endless answer is not read to its end', async () => {
  const backend = await intake((response) => {
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  expect(await transport(backend.endpoint).send(chunk)).toMatchObject({ status: 'accepted' });
});

test('at the end of the process a pause between attempts is not waited for, and nothing is tried again', async () => {
  const backend = await intake((response) => response.writeHead(503, { 'retry-after': '2' }).end());
  const sender = transport(backend.endpoint);
  const sending = sender.send(chunk);
  await expect.poll(() => backend.requests.length).toBe(1);
  sender.hurry(1_000);
  expect(await sending).toMatchObject({ status: 'failed' });
  expect(await sender.send(chunk)).toMatchObject({ status: 'failed' });
  expect(backend.requests).toHaveLength(2);
});

test('at the end of the process a backend that hangs is given so long and no longer', async () => {
  const backend = await intake(() => {});
  const sender = transport(backend.endpoint);
  const sending = sender.send(chunk);
  await expect.poll(() => backend.requests.length).toBe(1);
  sender.hurry(20);
  expect(await sending).toMatchObject({ status: 'failed', error: { message: 'no answer before the end' } });
});

test('what is abandoned has failed, and nothing is sent after it', async () => {
  const backend = await intake(() => {});
  const sender = transport(backend.endpoint);
  const sending = sender.send(chunk);
  await expect.poll(() => backend.requests.length).toBe(1);
  sender.abandon();
  expect(await sending).toMatchObject({ status: 'failed' });
  expect(await sender.send(chunk)).toMatchObject({ status: 'failed' });
  expect(backend.requests).toHaveLength(1);
});
