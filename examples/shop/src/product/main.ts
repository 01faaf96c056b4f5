import { serve } from '../http-service/serve.js';
import { createProductApp } from './app.js';
import { openCache } from './cache.js';
import { readProductConfig } from './config.js';
import { openDatabase } from './database.js';
import { observability } from './observability.js';
import { cacheProductReads } from './product-cache.js';
import { createProductRepository } from './product-repository.js';

const config = readProductConfig(process.env);
const pool = await openDatabase(config.postgresUrl);
const redis = config.redisUrl ? openCache(config.redisUrl) : undefined;
const repository = createProductRepository(pool);
const app = createProductApp(redis ? cacheProductReads(repository, redis) : repository);
await serve(app, config.listen, [
  () => pool.end(),
  async () => redis?.disconnect(),
  () => observability.shutdown(),
]);
