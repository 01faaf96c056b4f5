import { serve } from '../http-service/serve.js';
import { createProductApp } from './app.js';
import { readProductConfig } from './config.js';
import { openDatabase } from './database.js';
import { observability } from './observability.js';
import { createProductRepository } from './product-repository.js';

const config = readProductConfig(process.env);
const pool = await openDatabase(config.postgresUrl);
const app = createProductApp(createProductRepository(pool));
await serve(app, config.listen, [() => pool.end(), () => observability.shutdown()]);
