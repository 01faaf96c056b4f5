/*
 * A service of another team, in another environment: dashboards and rules must work for it as they do for the shop.
 * It has what the shop has not: a job, calls of gRPC to itself, a GraphQL operation, one line per request, a contract, which it breaks, an old trace header, a metric with too many series, and
 * one that cannot be read.
 *
 *   node another-service.mjs '<environment>'
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, shop } from '../../testbed/src/paths.mjs';

const require = createRequire(join(shop, 'package.json'));
const {
  annotate,
  counter,
  defineContract,
  gauge,
  initObservability,
  logger,
  observeJob,
} = require('@throughline/core');
const { expressPlugin } = require('@throughline/express');
const express = require('express');
const fromCore = createRequire(join(root, 'packages/core/package.json'));
const grpc = fromCore('@grpc/grpc-js');
const { buildSchema, graphql } = fromCore('graphql');

const observability = initObservability({
  serviceName: 'orders',
  serviceNamespace: 'sales',
  serviceVersion: '2.1.0',
  environment: process.argv[2],
  team: 'checkout',
  plugins: [expressPlugin()],
  legacyTraceHeader: 'x-trace-id',
  contract: defineContract({ mode: 'warn', labels: { forbidden: ['user_id'] } }),
  metrics: { maxSeriesPerMetric: 20 },
  logs: { destinations: ['stdout', 'otlp'], canonicalLine: true },
});
const placed = counter({
  name: 'orders_placed_total',
  help: 'Orders that were placed.',
  labelNames: ['order', 'user_id'],
});
gauge({
  name: 'orders_waiting',
  help: 'Orders that wait for the warehouse.',
  collect() {
    throw new Error('The warehouse does not answer.');
  },
});

const text = { serialize: (value) => Buffer.from(value), deserialize: String };
const check = {
  path: '/sales.Stock/Check',
  requestStream: false,
  responseStream: false,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
};
const stock = new grpc.Server();
stock.addService({ check }, { check: (_call, callback) => callback(null, 'in stock') });
const stockPort = await new Promise((resolve, reject) => {
  stock.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
});
const StockClient = grpc.makeGenericClientConstructor({ check }, 'Stock');
const stockClient = new StockClient(`127.0.0.1:${stockPort}`, grpc.credentials.createInsecure());
const schema = buildSchema('type Query { inStock: Boolean }');
const source = 'query InStock { inStock }';

let runs = 0;
const restock = observeJob(
  'restock',
  async () => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    if (runs % 3 === 0) throw new RangeError('No supplier.');
  },
  { expectedIntervalSeconds: 60 },
);
// The next run begins before the last one has ended.
const schedule = setInterval(() => restock().catch(() => {}), 1_000);

let orders = 0;
const app = express();
app.get('/orders/:id', (request, response) => {
  orders++;
  placed.inc({ order: String(orders), user_id: '1' });
  annotate({ tenant: orders % 2 === 0 ? 'a' : 'b' });
  stockClient.check('order', () => {});
  void graphql({ schema, source, rootValue: { inStock: true } });
  logger.info('Order placed.', { order: orders });
  if (orders % 10 === 0) throw new RangeError('Out of stock.');
  response.json({ order: request.params.id });
});
const server = app.listen(0, '127.0.0.1', () => logger.info('Listening.', { port: server.address().port }));
process.once('SIGTERM', async () => {
  clearInterval(schedule);
  stockClient.close();
  stock.forceShutdown();
  server.close();
  await observability.shutdown();
});
