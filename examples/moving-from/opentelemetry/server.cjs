/* The service does not change: it uses the OpenTelemetry API and its own logger. */
const { metrics, trace } = require('@opentelemetry/api');
const express = require('express');
const winston = require('winston');

const log = winston.createLogger({ transports: [new winston.transports.Console()] });
const tracer = trace.getTracer('orders');
const placed = metrics.getMeter('orders').createCounter('orders.placed', { description: 'Orders placed.' });

const app = express();
app.post('/orders/:id', async (request, response) => {
  const price = tracer.startActiveSpan('price', (span) => {
    span.setAttribute('order.id', request.params.id);
    span.end();
    return 42;
  });
  const stock = await fetch(`${process.env.STOCK_URL}/stock/${request.params.id}`);
  placed.add(1, { channel: 'web' });
  log.info('order placed', { order: request.params.id });
  response.json({ price, inStock: stock.ok });
});

const server = app.listen(Number(process.env.PORT ?? 0), () =>
  log.info('listening', { port: server.address().port }),
);
