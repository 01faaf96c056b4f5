// What Express does: routers, parameters, errors of all kinds, methods, mounted applications, views of the stack.
const { createRequire } = require('node:module');
const express = createRequire(process.env.LIBRARY_OWNER)('express');
const app = express();
// The page of an error shows its stack otherwise, which has frames of Throughline at its lower end.
app.set('env', 'production');
const order = [];
app.use((request, _response, next) => {
  order.push(`enter ${request.url}`);
  next();
});
app.param('id', (_request, _response, next, id) => (id === 'bad' ? next(new Error('bad id')) : next()));
app.get('/orders/:id', (request, response) =>
  response.json({ ...request.params, route: request.route.path }),
);
app.get('/throw', () => {
  throw new TypeError('thrown');
});
app.get('/reject', async () => {
  throw new RangeError('rejected');
});
app.get(
  '/next',
  (_request, _response, next) => next('route'),
  () => order.push('never'),
);
app.get('/next', (_request, response) => response.send('next route'));
app.get('/odd', (_request, _response, next) => next({ odd: true, status: 409 }));
app.get('/sent', (_request, response) => {
  response.send('first');
  try {
    response.send('second');
  } catch (error) {
    order.push(`second ${error.code}`);
  }
});
const router = express.Router({ mergeParams: true });
router.get(/^\/re(g)ex$/, (request, response) =>
  response.json({ params: request.params, base: request.baseUrl }),
);
router.use(
  '/deep',
  express.Router().get('/er', (request, response) => response.send(request.originalUrl)),
);
app.use('/v/:version', router);
const child = express();
child.get('/child', (_request, response) => response.send(child.mountpath + child.path()));
app.use('/mounted', child);
app.use((error, request, response, next) => {
  order.push(`error ${error.message ?? JSON.stringify(error)} ${Object.keys(error)}`);
  if (request.url === '/throw') next(error);
  else response.status(error.status ?? 500).send(`handled ${error.name}`);
});
process.env.NODE_ENV = 'test';
const server = app.listen(0, '127.0.0.1', async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  for (const path of [
    '/orders/7',
    '/orders/bad',
    '/throw',
    '/reject',
    '/next',
    '/odd',
    '/sent',
    '/v/2/regex',
    '/v/2/deep/er',
    '/mounted/child',
    '/none',
    '/%zz',
    '/orders/%E4',
  ]) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
      const response = await fetch(base + path, { method });
      const body = (await response.text()).replace(/<pre>[\s\S]*<\/pre>/, (stack) => stack.split('<br>')[0]);
      const headers = [...response.headers].filter(
        ([name]) => !['date', 'connection', 'keep-alive'].includes(name),
      );
      console.log(method, path, response.status, JSON.stringify(body), JSON.stringify(headers));
    }
  }
  console.log(order.join('\n'));
  console.log(Object.keys(app).sort().join(), app.router?.stack?.map(({ name }) => name).join());
  server.close();
});
