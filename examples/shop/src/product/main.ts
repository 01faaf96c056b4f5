import { serve } from '../http-service/serve.js';
import { openDatabase } from '../postgres/open-database.js';
import { createProductApp } from './app.js';
import { openCache } from './cache.js';
import { readProductConfig } from './config.js';
import { observability } from './observability.js';
import { cacheProductReads } from './product-cache.js';
import { createProductRepository } from './product-repository.js';
import { createProductTables } from './tables.js';
import { noViewEvents, publishViews } from './view-events.js';

// Not ready until the server listens.
const started = observability.health.addReadinessCheck('start', () => false);
const config = readProductConfig(process.env);
const pool = await openDatabase({
  postgresUrl: config.postgresUrl,
  applicationName: 'throughline-example-product',
  createTables: createProductTables,
});
observability.health.addReadinessCheck('database', () => pool.query('SELECT 1'));
const redis = config.redisUrl ? openCache(config.redisUrl) : undefined;
const views = config.kafkaBrokers ? publishViews(config.kafkaBrokers) : noViewEvents;
const repository = createProductRepository(pool);
const app = createProductApp(redis ? cacheProductReads(repository, redis) : repository, views);
await serve(app, config.listen, [
  () => views.close(),
  () => pool.end(),
  async () => redis?.disconnect(),
  () => observability.shutdown(),
]);
started();
