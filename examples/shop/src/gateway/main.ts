import { serve } from '../http-service/serve.js';
import { createGatewayApp } from './app.js';
import { readGatewayConfig } from './config.js';
import { observability } from './observability.js';
import { createProductClient } from './product-client.js';

// Not ready until the server listens.
const started = observability.health.addReadinessCheck('start', () => false);
const config = readGatewayConfig(process.env);
const app = createGatewayApp(createProductClient(config.productUrl));
await serve(app, config.listen, [() => observability.shutdown()]);
started();
