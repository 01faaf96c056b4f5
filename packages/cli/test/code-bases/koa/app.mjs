import Koa from 'koa';
import { v4 } from 'uuid';

const app = new Koa();
app.use(async (ctx, next) => {
  ctx.state.requestId = ctx.get('X-Request-Id') || v4(); // finds: header-read id-made context-stored
  ctx.set('X-Request-Id', ctx.state.requestId); // finds: header-returned
  ctx.set('Cache-Control', 'no-store');
  await next();
});
app.use(async (ctx) => {
  const { 'x-trace-id': trace, 'x-api-key': key } = ctx.request.headers; // finds: header-read
  ctx.log.info({ requestId: ctx.state.requestId, key }, 'request'); // finds: logged
  ctx.body = await (await fetch('http://stock', { headers: { 'x-trace-id': trace } })).json(); // finds: header-sent
});
app.use(async (ctx) => {
  const traceId = ctx.request.header['x-trace-id'] ?? ctx.header['x-b3-traceid']; // finds: header-read header-read
  ctx.append('x-trace-id', traceId); // finds: header-returned
  ctx.response.set({ 'x-trace-id': traceId, vary: 'origin' }); // finds: header-returned
});
