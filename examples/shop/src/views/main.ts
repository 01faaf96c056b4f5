import { serve } from '../http-service/serve.js';
import { createService } from '../http-service/service-app.js';
import { openDatabase } from '../postgres/open-database.js';
import { readViewsConfig } from './config.js';
import { countViews } from './count-views.js';
import { observability } from './observability.js';
import { viewRoutes } from './routes/views.js';
import { createViewCounts, createViewTables } from './view-counts.js';

// Not ready until the server listens.
const started = observability.health.addReadinessCheck('start', () => false);
const config = readViewsConfig(process.env);
const pool = await openDatabase({
  postgresUrl: config.postgresUrl,
  applicationName: 'throughline-example-views',
  createTables: createViewTables,
});
observability.health.addReadinessCheck('database', () => pool.query('SELECT 1'));
const counts = createViewCounts(pool);
const stopCounting = countViews(config.kafkaBrokers, counts);
await serve(createService({ '/views': viewRoutes(counts) }), config.listen, [
  stopCounting,
  () => pool.end(),
  () => observability.shutdown(),
]);
started();
