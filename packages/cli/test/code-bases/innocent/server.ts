import { randomUUID } from 'node:crypto';
import { context, propagation, trace } from '@opentelemetry/api';
import express from 'express';
import { logger } from './logger';

const app = express();
app.use((req, res, next) => {
  const token = req.headers.authorization ?? req.get('x-api-key');
  res.set('etag', randomUUID());
  res.locals.nonce = randomUUID();
  req.session.id = randomUUID();
  if (!token) return res.status(401).end();
  if (req.header('if-none-match') === '1') return res.status(304).end();
  return next();
});
app.get('/', async (_req, res) => {
  const span = trace.getActiveSpan();
  const traceId = span?.spanContext().traceId;
  const { spanId } = span?.spanContext() ?? {};
  logger.info({ traceId, trace_id: span?.spanContext().traceId, spanId }, 'handled');
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  propagation.inject(context.active(), headers);
  const response = await fetch('https://payments', { headers });
  logger.error('payment failed', { requestIdOfProvider: response.headers.get('x-request-id') });
  if (response.headers['request-id']) res.status(502);
  res.json({ orderId: randomUUID() });
});
