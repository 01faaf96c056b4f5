import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { expressPlugin } from '@throughline/express';
import { fastifyPlugin } from '@throughline/fastify';
import { honoPlugin } from '@throughline/hono';
import { koaPlugin } from '@throughline/koa';
import { afterEach, expect, test } from 'vitest';

/*
 * Several frameworks in one process: behind one server, and on http2, which no framework's own tests have.
 */
const from = (name: string) =>
  createRequire(fileURLToPath(new URL(`../packages/${name}/package.json`, import.meta.url)));
const fails = () => {
  throw new RangeError('out of stock');
};

/** The same two routes on each framework, made before init: `/<name>/orders/:id`, and `/<name>/fails/:id`. */
const listeners: Readonly<Record<string, () => Promise<RequestListener>>> = {
  async express() {
    const app = from('express')('express')();
    app.get('/express/orders/:id', (_request: IncomingMessage, response: ServerResponse) =>
      response.end('ok'),
    );
    app.get('/express/fails/:id', fails);
    app.use((_error: unknown, _request: unknown, response: ServerResponse, _next: unknown) => {
      response.statusCode = 500;
      response.end();
    });
    return app;
  },
  async fastify() {
    const app = from('fastify')('fastify')();
    app.get('/fastify/orders/:id', async () => 'ok');
    app.get('/fastify/fails/:id', fails);
    await app.ready();
    return app.routing;
  },
  async koa() {
    const load = from('koa');
    const Koa = load('koa');
    const { Router } = load('@koa/router');
    const router = new Router();
    router.get('/koa/orders/:id', (context: { body: unknown }) => {
      context.body = 'ok';
    });
    router.get('/koa/fails/:id', fails);
    const app = new (Koa.default ?? Koa)();
    app.silent = true;
    return app.use(router.routes()).callback();
  },
  async hono() {
    const load = from('hono');
    const { Hono } = load('hono');
    const app = new Hono();
    app.get('/hono/orders/:id', (context: { text(body: string): Response }) => context.text('ok'));
    app.get('/hono/fails/:id', fails);
    app.onError((_error: unknown, context: { text(body: string, status: number): Response }) =>
      context.text('failed', 500),
    );
    return load('@hono/node-server').getRequestListener(app.fetch);
  },
};
const names = Object.keys(listeners);
const plugins = () => [expressPlugin(), fastifyPlugin(), koaPlugin(), honoPlugin()];

let captured: CapturedObservability | undefined;
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await captured?.stop();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Route and error of the span of a request. */
async function recordedOf(path: string) {
  const span = await captured?.waitForSpan(({ attributes }) => attributes['url.path'] === path);
  return [span?.name, span?.attributes['error.type']];
}

test('one server that hands its requests to apps of four frameworks', async () => {
  const made = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await listeners[name]?.()] as const)),
  );
  const origin = await listening(
    createServer((request, response) => {
      const listener = made[request.url?.split('/')[1] ?? ''];
      if (listener) listener(request, response);
      else response.end('nobody');
    }),
  );
  captured = captureObservability({ plugins: plugins() });
  for (const name of names) {
    const answers = [await fetch(`${origin}/${name}/orders/7`), await fetch(`${origin}/${name}/fails/7`)];
    expect(answers.map(({ status }) => status)).toEqual([200, 500]);
    expect(await recordedOf(`/${name}/orders/7`)).toEqual([`GET /${name}/orders/:id`, undefined]);
    expect(await recordedOf(`/${name}/fails/7`)).toEqual([`GET /${name}/fails/:id`, 'RangeError']);
  }
  await fetch(`${origin}/plain/7`);
  expect(await recordedOf('/plain/7')).toEqual(['GET', undefined]);
});

// Express cannot answer on http2, and Fastify makes its server itself.
test.each(names.filter((name) => name !== 'express' && name !== 'fastify'))('%s on http2', async (name) => {
  const listener = await listeners[name]?.();
  const origin = await listening(createHttp2Server(listener as never));
  captured = captureObservability({ plugins: plugins() });
  await checkOverHttp2(origin, name);
});

test('fastify on http2', async () => {
  const app = from('fastify')('fastify')({ http2: true });
  app.get('/fastify/orders/:id', async () => 'ok');
  app.get('/fastify/fails/:id', fails);
  await app.ready();
  const origin = await listening(app.server);
  captured = captureObservability({ plugins: plugins() });
  await checkOverHttp2(origin, 'fastify');
});

async function checkOverHttp2(origin: string, name: string) {
  const session = connect(origin);
  for (const path of [`/${name}/orders/7`, `/${name}/fails/7`])
    await text(session.request({ ':path': path }));
  session.close();
  expect(await recordedOf(`/${name}/orders/7`)).toEqual([`GET /${name}/orders/:id`, undefined]);
  expect(await recordedOf(`/${name}/fails/7`)).toEqual([`GET /${name}/fails/:id`, 'RangeError']);
}
