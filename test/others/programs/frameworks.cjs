// What handlers of Express, Fastify, Koa and Hono throw, and do with the request and response of Node.
const { createRequire } = require('node:module');
const { ask: send, handlers, handlersOfHttp1, shown, thrown } = require(process.env.HOSTILE_HANDLERS);

const all = { ...handlers, ...handlersOfHttp1 };
const of = (name) => createRequire(process.env.LIBRARY_OWNER.replace('/core/', `/${name}/`));
const said = [];
const say = (...words) => said.push(words.join(' '));
process.on('uncaughtException', (error) => say('uncaught', shown(error)));
process.on('unhandledRejection', (error) => say('unhandled', shown(error)));

async function ask(port, path) {
  const answer = await send(port, path);
  return answer.replace(/Date: [^\r]*\r\n/gi, '').replace(/\\n {4}at .*/g, '');
}

async function askAll(name, port) {
  for (const wanted of Object.keys(all)) {
    say(name, wanted, JSON.stringify(await ask(port, `raw/${encodeURIComponent(wanted)}`)));
  }
  // Sync and async, one after the other.
  for (const how of ['throw', 'reject', 'next']) {
    for (const wanted of Object.keys(thrown)) {
      say(
        name,
        how,
        wanted,
        JSON.stringify(await ask(port, `${how}/${encodeURIComponent(wanted)}`)).slice(0, 2_000),
      );
    }
  }
}

const starts = {
  async express() {
    const express = of('express')('express');
    const app = express();
    app.set('env', 'production');
    app.post('/raw/:what', (request, response) => all[request.params.what](request, response));
    app.post('/throw/:what', (request) => {
      throw thrown[request.params.what]();
    });
    app.post('/reject/:what', async (request) => {
      throw thrown[request.params.what]();
    });
    app.post('/next/:what', (request, _response, next) => next(thrown[request.params.what]()));
    app.use((error, _request, response, _next) => response.status(500).end(`handled ${shown(error)}`));
    return app.listen(0, '127.0.0.1');
  },
  async fastify() {
    const app = of('fastify')('fastify')();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.post('/raw/:what', (request, reply) => {
      reply.hijack();
      all[request.params.what](request.raw, reply.raw);
    });
    app.post('/throw/:what', (request) => {
      throw thrown[request.params.what]();
    });
    app.post('/reject/:what', async (request) => {
      throw thrown[request.params.what]();
    });
    app.post('/next/:what', (request, reply) => void reply.send(thrown[request.params.what]()));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  async koa() {
    const Koa = of('koa')('koa');
    const app = new Koa();
    app.silent = true;
    app.on('error', (error) => say('koa error', shown(error)));
    app.use(async (context, next) => {
      const [, how, what] = decodeURIComponent(context.path).split('/');
      if (how === 'raw') {
        context.respond = false;
        all[what](context.req, context.res);
      } else if (how === 'next') {
        try {
          context.onerror(thrown[what]());
        } catch (error) {
          context.body = `onerror threw ${shown(error)}`;
        }
      } else if (how === 'reject') await Promise.reject(thrown[what]());
      else return next();
    });
    app.use((context) => {
      throw thrown[decodeURIComponent(context.path).split('/')[2]]();
    });
    return app.listen(0, '127.0.0.1');
  },
  async hono() {
    const { Hono } = of('hono')('hono');
    const { serve, RESPONSE_ALREADY_SENT } = of('hono')('@hono/node-server');
    const alreadySent =
      RESPONSE_ALREADY_SENT ?? new Response(null, { headers: { 'x-hono-already-sent': '1' } });
    const app = new Hono();
    app.post('/raw/:what', (context) => {
      all[context.req.param('what')](context.env.incoming, context.env.outgoing);
      return alreadySent;
    });
    app.post('/throw/:what', (context) => {
      throw thrown[context.req.param('what')]();
    });
    app.post('/reject/:what', async (context) => {
      throw thrown[context.req.param('what')]();
    });
    app.post('/next/:what', async (_context, next) => next());
    app.post('/next/:what', (context) => {
      throw thrown[context.req.param('what')]();
    });
    app.onError((error, context) => context.text(`handled ${shown(error)}`, 500));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server));
    });
  },
};

(async () => {
  for (const [name, start] of Object.entries(starts)) {
    const server = await start();
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    await askAll(name, server.address().port);
    server.close();
    server.closeAllConnections?.();
  }
  console.log(said.join('\n'));
  process.exit();
})();
