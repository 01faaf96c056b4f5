import * as grpc from '@grpc/grpc-js';
import { status as code, credentials, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { annotate, logger, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { addressOf } from './grpc-client.js';

/*
 * A real server and a real client of @grpc/grpc-js. Both classes, and the client, exist before observability starts.
 */
const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const method = (name: string, requestStream = false, responseStream = false) => ({
  path: `/shop.Cart/${name}`,
  requestStream,
  responseStream,
  originalName: name,
  ...text,
});
const service = {
  add: method('Add'),
  fail: method('Fail'),
  hang: method('Hang'),
  list: method('List', false, true),
  sum: method('Sum', true),
  chat: method('Chat', true, true),
};
const CartClient = grpc.makeGenericClientConstructor({ ...service, missing: method('Missing') }, 'shop.Cart');

interface Call {
  readonly request: string;
  readonly metadata: Metadata;
  on(event: 'data' | 'end', listener: (part: string) => void): void;
  write(item: string): void;
  end(): void;
}
type Answer = (error: object | null, response?: string) => void;
/** A client that is made at run time has no types. */
type Method = (...args: unknown[]) => {
  write(part: string): void;
  end(part?: string): void;
  cancel(): void;
  toArray(): Promise<unknown[]>;
};
type Cart = Record<'add' | 'fail' | 'hang' | 'list' | 'sum' | 'chat' | 'makeUnaryRequest' | 'close', Method>;

let captured: CapturedObservability;
let server: Server;
let client: Cart;
let seen: unknown[];

beforeEach(async () => {
  seen = [];
  server = new Server();
  const handlers = {
    add: (call: Call, callback: Answer) => {
      seen.push(call.metadata.get('traceparent')[0]);
      logger.info('adding');
      annotate({ item: call.request });
      callback(null, `added ${call.request}`);
    },
    fail: (call: Call, callback: Answer) =>
      callback({ code: Number(call.request), details: 'it failed', metadata: new Metadata() }),
    hang: () => {},
    list: (call: Call) => {
      for (const item of ['a', 'b']) call.write(item);
      call.end();
    },
    sum: (call: Call, callback: Answer) => {
      let sum = '';
      call.on('data', (part: string) => {
        logger.info('part');
        sum += part;
      });
      call.on('end', () => callback(null, sum));
    },
    chat: (call: Call) => {
      call.on('data', (part: string) => call.write(part));
      call.on('end', () => call.end());
    },
  };
  server.addService(service as never, handlers as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  client = new CartClient(`127.0.0.1:${port}`, credentials.createInsecure()) as unknown as Cart;
  captured = captureObservability({ serviceName: 'orders', logs: { canonicalLine: true } });
});
afterEach(async () => {
  client.close();
  server.forceShutdown();
  await captured.stop();
});

const unary = (name: keyof Cart, request: string, ...more: unknown[]) =>
  new Promise<string>((resolve, reject) =>
    client[name](request, ...more, (error: unknown, response: string) =>
      error ? reject(error) : resolve(response),
    ),
  );
const spanOf = (name: string, kind: SpanKind) =>
  captured.waitForSpan((span) => span.name === name && span.kind === kind);
const count = async (metric: string, ...labels: string[]) => {
  const line = (await captured.metrics())
    .split('\n')
    .find((each) => each.startsWith(`${metric}_count{`) && labels.every((label) => each.includes(label)));
  return Number(/\} (\S+)/.exec(line ?? '')?.[1]);
};

test('a call is one trace, in and out, with durations and lines', async () => {
  const metadata = new Metadata();
  metadata.set('tenant', 'a');
  const response = await withSpan('request', () => unary('add', 'apple', metadata));
  expect(response).toBe('added apple');
  expect(metadata.getMap()).toEqual({ tenant: 'a' });
  const around = await captured.waitForSpan(({ name }) => name === 'request');
  const out = await spanOf('shop.Cart/Add', SpanKind.CLIENT);
  const inside = await spanOf('shop.Cart/Add', SpanKind.SERVER);
  expect(out.parentSpanContext?.spanId).toBe(around.spanContext().spanId);
  expect(inside.parentSpanContext?.spanId).toBe(out.spanContext().spanId);
  expect(seen).toEqual([`00-${out.spanContext().traceId}-${out.spanContext().spanId}-01`]);
  const common = {
    'rpc.system.name': 'grpc',
    'rpc.method': 'shop.Cart/Add',
    'rpc.response.status_code': 'OK',
  };
  expect(out.attributes).toMatchObject({ ...common, 'server.address': '127.0.0.1' });
  expect(inside.attributes).toMatchObject({ ...common, 'network.protocol.version': '2', item: 'apple' });
  expect(Object.keys(inside.attributes).filter((name) => /^(?:http|url)\./.test(name))).toEqual([]);
  const line = captured.logLines.find(({ message }) => message === 'adding');
  expect(line?.span_id).toBe(inside.spanContext().spanId);
  expect(captured.logLines.find(({ event_name }) => event_name === 'rpc.server.call')).toMatchObject({
    rpc_method: 'shop.Cart/Add',
    rpc_response_status_code: 'OK',
    item: 'apple',
    trace_id: inside.spanContext().traceId,
  });
  const labels = ['rpc_system_name="grpc"', 'rpc_method="shop.Cart/Add"', 'rpc_response_status_code="OK"'];
  expect(await count('rpc_client_call_duration_seconds', ...labels, 'server_address="127.0.0.1"')).toBe(1);
  expect(await count('rpc_server_call_duration_seconds', ...labels)).toBe(1);
  const metrics = await captured.metrics();
  expect(metrics).not.toContain('http_server_request_duration_seconds_count');
  expect(metrics).toMatch(/http_server_active_requests\{http_request_method="POST",.*\} 0/);
});

test.each([
  ['NOT_FOUND', false],
  ['INTERNAL', true],
])('a call that fails with %s says so on both sides', async (status, isServerFailure) => {
  await expect(unary('fail', String(code[status as 'INTERNAL']))).rejects.toThrow('it failed');
  const out = await spanOf('shop.Cart/Fail', SpanKind.CLIENT);
  const inside = await spanOf('shop.Cart/Fail', SpanKind.SERVER);
  expect(out.status).toEqual({ code: SpanStatusCode.ERROR, message: 'it failed' });
  expect(inside.status.code).toBe(isServerFailure ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
  for (const { attributes } of [out, inside]) {
    expect(attributes).toMatchObject({ 'error.type': status, 'rpc.response.status_code': status });
  }
  for (const side of ['client', 'server']) {
    expect(await count(`rpc_${side}_call_duration_seconds`, `error_type="${status}"`)).toBe(1);
  }
});

test('streams of all kinds, and lines for their messages', async () => {
  const list = await client.list('all').toArray();
  const sum = await new Promise((resolve, reject) => {
    const call = client.sum((error: unknown, result: string) => (error ? reject(error) : resolve(result)));
    call.write('1');
    call.end('2');
  });
  const chat = client.chat();
  chat.write('hello');
  chat.end();
  expect([list, sum, await chat.toArray()]).toEqual([['a', 'b'], '12', ['hello']]);
  for (const name of ['List', 'Sum', 'Chat']) {
    await spanOf(`shop.Cart/${name}`, SpanKind.CLIENT);
    const { attributes } = await spanOf(`shop.Cart/${name}`, SpanKind.SERVER);
    expect(attributes['rpc.response.status_code']).toBe('OK');
  }
  const { traceId } = (await spanOf('shop.Cart/Sum', SpanKind.SERVER)).spanContext();
  const parts = captured.logLines.filter(({ message }) => message === 'part');
  expect(parts.map(({ trace_id }) => trace_id)).toEqual([traceId, traceId]);
});

test('a deadline, and a caller that cancels', async () => {
  await expect(unary('hang', 'a', { deadline: Date.now() + 50 })).rejects.toThrow();
  const out = await spanOf('shop.Cart/Hang', SpanKind.CLIENT);
  expect(out.attributes['error.type']).toBe('DEADLINE_EXCEEDED');
  const call = client.hang('b', () => {});
  call.cancel();
  await captured.waitForSpan(
    ({ kind, attributes }) => kind === SpanKind.CLIENT && attributes['error.type'] === 'CANCELLED',
  );
});

test('methods that do not exist are one label, however they are called', async () => {
  for (let i = 0; i < 20; i++) {
    const path = `/shop.Cart/Missing${i}`;
    await new Promise<void>((resolve) =>
      client.makeUnaryRequest(path, text.requestSerialize, text.responseDeserialize, 'x', () => resolve()),
    );
  }
  await captured.waitForSpan(({ attributes }) => attributes['rpc.method_original'] === 'shop.Cart/Missing19');
  expect(await count('rpc_server_call_duration_seconds', 'rpc_method="_OTHER"')).toBe(20);
});

describe('the caller keeps its context', () => {
  test('in the callback, and with a call that waits for the connection', async () => {
    await withSpan('request', async (span) => {
      const active = await new Promise((resolve) =>
        client.add('apple', () => resolve(trace.getActiveSpan()?.spanContext().spanId)),
      );
      expect(active).toBe(span.spanContext().spanId);
    });
  });

  test('and after shutdown nothing is recorded or changed', async () => {
    await captured.stop();
    expect(await unary('add', 'apple')).toBe('added apple');
    expect(seen).toEqual([undefined]);
  });
});

test('a path that is ignored is not recorded, and a host that gets no trace headers gets none', async () => {
  await captured.stop();
  captured = captureObservability({
    http: { ignoreIncomingPaths: ['/shop.Cart/List'], propagateTo: ['other:50051'] },
  });
  await client.list('all').toArray();
  await unary('add', 'apple');
  await spanOf('shop.Cart/Add', SpanKind.SERVER);
  expect(seen).toEqual([undefined]);
  expect(captured.spans.filter(({ kind }) => kind === SpanKind.SERVER)).toHaveLength(1);
});

test.each([
  ['dns:orders.shop:50051', 'orders.shop', 50051],
  ['orders:50051', 'orders', 50051],
  ['dns:///orders:50051', 'orders', 50051],
  ['dns://8.8.8.8/orders:50051', 'orders', 50051],
  ['ipv4:10.0.0.1:80,10.0.0.2:80', '10.0.0.1', 80],
  ['ipv6:[::1]:80', '::1', 80],
  ['unix:/run/orders.sock', '/run/orders.sock', undefined],
  ['orders', 'orders', undefined],
])('the target %s', (target, host, port) => {
  expect(addressOf(target)).toEqual({ host, port });
});
