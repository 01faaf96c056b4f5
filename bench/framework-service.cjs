/*
 * The same service on each framework: one route with a parameter in a router or prefix, which answers with JSON. The
 * variant `<framework>-bare` has nothing else, `<framework>-throughline` one initObservability() call: spans by OTLP, the
 * histogram with exemplars. Run by frameworks.mjs.
 */
// Connections and servers would keep it alive when the benchmark has ended, or was stopped.
process.on('disconnect', () => process.exit());

const { createServer } = require('node:http');

const [framework, variant] = process.argv[2].split('-');
const isObserved = variant === 'throughline';
let observability;
if (isObserved) {
  const { initObservability } = require('@throughline/core');
  const plugins = {
    http: () => [],
    express: () => [require('@throughline/express').expressPlugin()],
    fastify: () => [require('@throughline/fastify').fastifyPlugin()],
    koa: () => [require('@throughline/koa').koaPlugin()],
    hono: () => [require('@throughline/hono').honoPlugin()],
  };
  observability = initObservability({
    serviceName: 'bench',
    metrics: { endpoint: { port: 0 } },
    logs: { level: 'error' },
    plugins: plugins[framework](),
  });
}
const answer = (id) => ({ id, lines: [{ product: 1, quantity: 2 }] });

const frameworks = {
  http: () =>
    createServer((request, response) => {
      observability?.route(request, '/orders/:id');
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(JSON.stringify(answer(request.url.split('/').at(-1))));
    }),
  express() {
    const express = require('express');
    const orders = express.Router();
    orders.get('/:id', (request, response) => response.json(answer(request.params.id)));
    return createServer(express().use('/orders', orders));
  },
  async fastify() {
    const app = require('fastify')();
    app.register(async (orders) => orders.get('/:id', async ({ params }) => answer(params.id)), {
      prefix: '/orders',
    });
    await app.ready();
    return app.server;
  },
  koa() {
    const Koa = require('koa');
    const { Router } = require('@koa/router');
    const router = new Router({ prefix: '/orders' });
    router.get('/:id', (context) => {
      context.body = answer(context.params.id);
    });
    return createServer(new Koa().use(router.routes()).callback());
  },
  hono() {
    const { Hono } = require('hono');
    const { getRequestListener } = require('@hono/node-server');
    const orders = new Hono().get('/:id', (context) => context.json(answer(context.req.param('id'))));
    return createServer(getRequestListener(new Hono().route('/orders', orders).fetch));
  },
};

Promise.resolve(frameworks[framework]()).then((server) =>
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port })),
);
process.on('message', (message) => {
  if (message === 'cpu') process.send({ cpu: process.cpuUsage() });
  if (message === 'stop') process.exit(0);
});
