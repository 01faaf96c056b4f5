/*
 * The service that is measured. It is the same for all variants: what observes it was loaded before it, by the
 * arguments of Node. A set-up whose pages ask for a change to the service's code says so in `benchSetup`.
 */
const setup = globalThis.benchSetup ?? {};
const winston = require('winston');
const express = require('express');

const logger =
  setup.logger ??
  winston.createLogger({
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console()],
  });

const app = express();

app.get('/hello/:name', (request, response) => response.send(`Hello, ${request.params.name}!`));

const orders = express.Router();
orders.get('/:id', (request, response) => {
  logger.info('order read', { order: request.params.id });
  response.json({ id: request.params.id, lines: [{ product: 1, quantity: 2 }] });
});
app.use('/orders', orders);

const products = Array.from({ length: 12 }, (_, id) => ({
  id,
  name: `Product ${id}`,
  price: id * 1.5,
  tags: ['a', 'b'],
}));
const catalogue = express.Router();
catalogue.use(express.json());
catalogue.use(function requestId(request, response, next) {
  response.setHeader('x-request-id', request.headers['x-request-id'] ?? 'none');
  next();
});
catalogue.use(function crossOrigin(_request, response, next) {
  response.setHeader('access-control-allow-origin', '*');
  next();
});
catalogue.use(function authentication(request, _response, next) {
  request.user = { id: 17, isGuest: request.headers.authorization === undefined };
  next();
});
catalogue.use(function cacheControl(_request, response, next) {
  response.setHeader('cache-control', 'private, max-age=60');
  next();
});
catalogue.get('/:id', (request, response) =>
  response.json({ id: request.params.id, user: request.user.id, products }),
);
app.use('/catalogue', catalogue);

let pool;
app.get('/checkout/:id', async (request, response) => {
  const id = Number(request.params.id);
  const order = await pool.query('SELECT id, customer FROM orders WHERE id = $1', [id]);
  const lines = await pool.query('SELECT product, quantity FROM lines WHERE order_id = $1', [id]);
  await pool.query('UPDATE orders SET seen = seen + 1 WHERE id = $1', [
    1 + Math.floor(Math.random() * 1_000),
  ]);
  const stock = await (await fetch(process.env.BENCH_UPSTREAM)).json();
  response.json({ order: order.rows[0], lines: lines.rows, stock });
});

app.get('/logs/:id', (request, response) => {
  for (let line = 0; line < 20; line++) {
    logger.info('step done', {
      order: request.params.id,
      line,
      durationMillis: 12.5,
      user: { id: 17, plan: 'free' },
    });
  }
  response.send('done');
});

for (let group = 0; group < 40; group++) {
  const router = express.Router();
  for (let route = 0; route < 25; route++) {
    router.get(`/route-${route}/:id`, (request, response) => response.send(request.params.id));
  }
  app.use(`/group-${group}`, router);
}
setup.afterRoutes?.(app);

const operations = { kafka };
start().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function start() {
  if (process.env.BENCH_POSTGRES) {
    // Idle connections are closed soon: the server has not enough of them for all variants at the same time.
    const { Pool } = require('pg');
    pool = new Pool({ connectionString: process.env.BENCH_POSTGRES, max: 8, idleTimeoutMillis: 200 });
  }
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

// The command was interrupted.
process.on('disconnect', () => process.exit(0));
process.on('message', async ({ ask, count }) => {
  if (ask === 'state') process.send({ cpu: process.cpuUsage(), rssBytes: process.memoryUsage.rss() });
  else process.send(await operations[ask](count));
});

/** CPU and time from the first message handled to the last. */
async function kafka(count) {
  const { Kafka, logLevel } = require('kafkajs');
  const client = new Kafka({ brokers: process.env.BENCH_KAFKA.split(','), logLevel: logLevel.NOTHING });
  const producer = client.producer();
  await producer.connect();
  const consumer = client.consumer({ groupId: `bench-${process.pid}-${performance.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: 'bench-orders', fromBeginning: true });
  let started = 0;
  let handled = 0;
  let cpu;
  let startMillis;
  let finish;
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  await consumer.run({
    partitionsConsumedConcurrently: 2,
    async eachMessage({ message }) {
      if (started++ === 0) {
        cpu = process.cpuUsage();
        startMillis = performance.now();
      }
      const order = JSON.parse(message.value.toString());
      await producer.send({
        topic: 'bench-invoices',
        messages: [{ key: message.key, value: JSON.stringify({ ...order, total: order.quantity * 12 }) }],
      });
      if (++handled !== count) return;
      const { user, system } = process.cpuUsage(cpu);
      finish({ cpuMicros: user + system, seconds: (performance.now() - startMillis) / 1_000 });
    },
  });
  const result = await finished;
  await consumer.disconnect();
  await producer.disconnect();
  return result;
}
