import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { contextStorage, getContext } from 'hono/context-storage';
import { requestId } from 'hono/request-id'; // finds: library
import { logger } from './logger';

type Env = { Variables: { traceId: string; user: string } };
const app = new Hono<Env>();
app.use(contextStorage());
app.use('*', requestId()); // finds: library
app.use(async (c, next) => {
  const traceId = c.req.header('x-trace-id') ?? randomUUID(); // finds: header-read id-made
  c.set('traceId', traceId); // finds: context-stored
  c.set('user', 'ann');
  c.header('x-trace-id', traceId); // finds: header-returned
  c.header('cache-control', 'no-store');
  await next();
});
app.get('/orders/:id', async (c) => {
  logger.info({ traceId: c.get('traceId'), user: c.get('user') }); // finds: logged context-read
  const stock = await fetch('http://stock', { headers: { 'x-trace-id': c.var.traceId } }); // finds: header-sent context-read
  return c.json(await stock.json(), 200, { 'x-trace-id': c.var.traceId }); // finds: header-returned context-read
});
export const current = () => getContext<Env>().var.traceId; // finds: context-read
