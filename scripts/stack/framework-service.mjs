/*
 * The same service on another framework: one route with a parameter, of which every tenth request fails.
 *
 *   node framework-service.mjs <fastify | koa | hono> '<service name>'
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../../testbed/src/paths.mjs';
import { salesService } from './sales-service.mjs';

const [framework, serviceName] = process.argv.slice(2);
const fromPackage = createRequire(join(root, 'packages', framework, 'package.json'));
const { initObservability, logger } = fromPackage('@throughline/core');
const { [`${framework}Plugin`]: plugin } = fromPackage(`@throughline/${framework}`);

const observability = initObservability({
  ...salesService,
  serviceName,
  plugins: [plugin()],
});

let requests = 0;
function answer(id) {
  requests++;
  logger.info('Asked.', { requests });
  if (requests % 10 === 0) throw new RangeError('Out of stock.');
  return { id };
}

const servers = {
  async fastify() {
    const app = fromPackage('fastify')();
    app.register(async (orders) => orders.get('/:id', async ({ params }) => answer(params.id)), {
      prefix: '/orders',
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  koa() {
    const Koa = fromPackage('koa');
    const Router = fromPackage('@koa/router');
    const router = new (Router.default ?? Router)({ prefix: '/orders' });
    router.get('/:id', (context) => {
      context.body = answer(context.params.id);
    });
    const app = new (Koa.default ?? Koa)().use(router.routes());
    app.on('error', () => {});
    return createServer(app.callback());
  },
  hono() {
    const { Hono } = fromPackage('hono');
    const { getRequestListener } = fromPackage('@hono/node-server');
    const orders = new Hono().get('/:id', (context) => context.json(answer(context.req.param('id'))));
    const app = new Hono().route('/orders', orders);
    app.onError((_error, context) => context.text('failed', 500));
    return createServer(getRequestListener(app.fetch));
  },
};
const server = await servers[framework]();
if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
logger.info('Listening.', { port: server.address().port });
process.once('SIGTERM', async () => {
  server.close();
  await observability.shutdown();
});
