/* The same service with Throughline. */
const { counter, initObservability, withSpan } = require('@throughline/core');
const { expressPlugin } = require('@throughline/express');
const { trace } = require('@opentelemetry/api');
const express = require('express');
const winston = require('winston');

initObservability({
  serviceName: 'orders',
  environment: 'production',
  serviceVersion: '1.4.0',
  plugins: [expressPlugin()],
});
const log = winston.createLogger({ transports: [new winston.transports.Console()] });
const placed = counter({ name: 'orders_placed_total', help: 'Orders placed.', labelNames: ['channel'] });

const app = express();
app.post('/orders/:id', async (request, response) => {
  const price = withSpan('price', () => 42, { attributes: { 'order.id': request.params.id } });
  trace.getActiveSpan()?.setAttribute('customer.tier', 'gold');
  const stock = await fetch(`${process.env.STOCK_URL}/stock/${request.params.id}`);
  placed.inc({ channel: 'web' });
  log.info('order placed', { order: request.params.id });
  response.json({ price, inStock: stock.ok });
});

const server = app.listen(Number(process.env.PORT ?? 0), () =>
  log.info('listening', { port: server.address().port }),
);
