import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { captureObservability } from '@throughline/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { exchanges } from '../../core/test/exchange.js';
import { fastifyPlugin } from './index.js';

const require = createRequire(import.meta.url);
const copies = [
  { name: 'find-my-way 9.10', create: require('find-my-way') as typeof import('find-my-way') },
  { name: 'find-my-way 8.2', create: require('find-my-way8') as typeof import('find-my-way') },
];

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(order: 'before' | 'after', listener: RequestListener) {
  const start = async () => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const early = order === 'before' ? await start() : undefined;
  const captured = captureObservability({ plugins: [fastifyPlugin()] });
  closers.push(captured.stop);
  return exchanges(captured, early ?? (await start()));
}

const cases = copies.flatMap((copy) => (['before', 'after'] as const).map((order) => ({ ...copy, order })));
describe.each(cases)('$name alone, router made $order init', ({ create, order }) => {
  const answer = (_request: IncomingMessage, response: ServerResponse) => void response.end('ok');
  const none = (_request: IncomingMessage, response: ServerResponse) =>
    void Object.assign(response, { statusCode: 404 }).end();

  test('routes, also of routes that share a handler', async () => {
    const router = create({ defaultRoute: none });
    for (const path of [
      '/orders/:id',
      '/users/:id',
      '/users/:id/orders/:order',
      '/',
      '/files/*',
      '/a',
      '/b',
    ]) {
      router.on(['GET', 'POST'], path, answer);
    }
    const request = await serve(order, (incoming, response) => router.lookup(incoming, response));
    const routes: Record<string, unknown> = {};
    for (const path of [
      '/',
      '/orders/7',
      '/users/7?id=8',
      '/users/7/orders/8',
      '/files/a/b',
      '/b',
      '/none/7',
    ]) {
      routes[path] = (await request(path)).route;
    }
    expect(routes).toEqual({
      '/': '/',
      '/orders/7': '/orders/:id',
      '/users/7?id=8': '/users/:id',
      '/users/7/orders/8': '/users/:id/orders/:order',
      '/files/a/b': '/files/*',
      '/b': '/b',
      '/none/7': undefined,
    });
    expect((await request('/orders/7', { method: 'POST' })).span.name).toBe('POST /orders/:id');
  });

  test('a router whose routes change while it runs', async () => {
    const router = create({ defaultRoute: none });
    router.on('GET', '/old/:id', answer);
    const request = await serve(order, (incoming, response) => router.lookup(incoming, response));
    expect((await request('/old/7')).route).toBe('/old/:id');
    router.reset();
    router.on('GET', '/new/:id', answer);
    expect((await request('/new/7')).route).toBe('/new/:id');
    expect(await request('/old/7')).toMatchObject({ status: 404, route: undefined });
  });
});

test('a router that is compiled after init', async () => {
  const create = copies[0]?.create as (typeof copies)[number]['create'];
  const router = create() as ReturnType<typeof create> & { compile(): void };
  router.on('GET', '/orders/:id', (_request, response) => void response.end('ok'));
  const request = await serve('after', (incoming, response) => router.lookup(incoming, response as never));
  router.compile();
  expect((await request('/orders/7')).route).toBe('/orders/:id');
});
