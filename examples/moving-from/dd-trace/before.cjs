/* A service with dd-trace. */
const tracer = require('dd-trace').init({
  service: 'orders',
  env: 'production',
  version: '1.4.0',
  logInjection: true,
});
const express = require('express');
const winston = require('winston');

const log = winston.createLogger({ transports: [new winston.transports.Console()] });

const app = express();
app.post('/orders/:id', async (request, response) => {
  const price = tracer.trace('price', { tags: { 'order.id': request.params.id } }, () => 42);
  tracer.scope().active()?.setTag('customer.tier', 'gold');
  const stock = await fetch(`${process.env.STOCK_URL}/stock/${request.params.id}`);
  tracer.dogstatsd.increment('orders.placed', 1, { channel: 'web' });
  log.info('order placed', { order: request.params.id });
  response.json({ price, inStock: stock.ok });
});

const server = app.listen(Number(process.env.PORT ?? 0), () =>
  log.info('listening', { port: server.address().port }),
);
